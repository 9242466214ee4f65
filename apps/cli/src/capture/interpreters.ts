import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { NUMERIC_RUNTIME } from './numeric-runtime.js';
import { type ProgramOutcome, runProgram } from './run-program.js';

/** The Python that `python` starts, which an activated environment puts first; many systems only have `python3`. */
async function python(args: readonly string[]): Promise<ProgramOutcome> {
  const taken = await runProgram('python', args);
  return taken.outcome === 'failed' && taken.reason === 'not installed here' ? runProgram('python3', args) : taken;
}

export async function pipFreeze(): Promise<ProgramOutcome> {
  return await python(['-m', 'pip', '--disable-pip-version-check', 'freeze', '--all']);
}

/** What numpy has loaded: the BLAS library, the kernel it chose, its threads. */
export async function numericRuntime(): Promise<ProgramOutcome> {
  return await python(['-c', NUMERIC_RUNTIME]);
}

/** No profile of the person is read, nothing is saved, no package attached. */
const R_OPTIONS = ['--vanilla', '--no-echo', '-e'];
const R_MISSING = 'not installed here';

/** BLAS and LAPACK by path, locale, platform: https://stat.ethz.ch/R-manual/R-devel/library/utils/html/sessionInfo.html */
export async function rSession(): Promise<ProgramOutcome> {
  return await r('print(utils::sessionInfo())');
}

/** Every installed package, in the columns of `sessioninfo::session_info()`, which R itself does not have. */
const R_PACKAGES = `
p <- utils::installed.packages(fields = c("Repository", "Built", "RemoteType", "RemoteUsername", "RemoteRepo", "RemoteSha"))
p <- p[order(p[, "Package"]), , drop = FALSE]
blank <- function(x) is.na(x) | x == ""
source <- ifelse(!blank(p[, "RemoteSha"]) & !blank(p[, "RemoteRepo"]),
  paste0("Github (", p[, "RemoteUsername"], "/", p[, "RemoteRepo"], "@", p[, "RemoteSha"], ")"),
  ifelse(!blank(p[, "Repository"]), paste0(p[, "Repository"], " (R ", p[, "Built"], ")"),
    "local"))
built <- function(file) tryCatch(substr(readRDS(file)$Built$Date, 1, 10), error = function(e) NA, warning = function(w) NA)
date <- vapply(file.path(p[, "LibPath"], p[, "Package"], "Meta", "package.rds"), function(f) paste0(built(f), ""), "")
libs <- unique(p[, "LibPath"])
cat("- Session info ---------------------------------------------------------------\\n")
cat(" setting  value\\n")
cat(" version ", R.version.string, "\\n")
cat(" system  ", R.version$platform, "\\n\\n")
cat("- Packages -------------------------------------------------------------------\\n")
columns <- apply(rbind(c("package", "*", "version", "date (UTC)", "lib", "source"),
  cbind(p[, "Package"], "", p[, "Version"], date, paste0("[", match(p[, "LibPath"], libs), "]"), source)), 2, format)
cat(paste0(" ", apply(columns, 1, paste, collapse = " ")), sep = "\\n")
cat("\\n", paste0(" [", seq_along(libs), "] ", libs, "\\n"), sep = "")
`;

export async function rPackages(): Promise<ProgramOutcome> {
  return await r(R_PACKAGES);
}

async function r(program: string): Promise<ProgramOutcome> {
  const taken = await runProgram('R', [...R_OPTIONS, program]);
  if (taken.outcome === 'done' || taken.reason !== R_MISSING) return taken;
  return await runProgram('Rscript', ['--vanilla', '-e', program]);
}

/** The manifest of the active project, byte for byte. */
const JULIA_MANIFEST = `
project = Base.active_project()
directory = project === nothing ? "" : dirname(project)
for name in ("Manifest-v$(VERSION.major).$(VERSION.minor).toml", "JuliaManifest.toml", "Manifest.toml")
    file = joinpath(directory, name)
    if isfile(file)
        print(read(file, String))
        break
    end
end`;

export async function juliaManifest(): Promise<ProgramOutcome> {
  return await julia(JULIA_MANIFEST);
}

export async function juliaVersion(): Promise<ProgramOutcome> {
  return await julia('using InteractiveUtils; versioninfo()');
}

async function julia(program: string): Promise<ProgramOutcome> {
  return await runProgram('julia', ['--startup-file=no', '--history-file=no', '-e', program]);
}

/** What npm notes of the tree that it has installed: https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json */
export async function npmTree(directory: string): Promise<ProgramOutcome> {
  const file = path.join(directory, 'node_modules', '.package-lock.json');
  try {
    return { outcome: 'done', stdout: await readFile(file, 'utf8') };
  } catch {
    return { outcome: 'failed', reason: 'no node_modules in this directory that npm has installed' };
  }
}
