import type { Step } from '../plan.js';
import { recipeInvalid } from '../refusal.js';
import { shellWord } from './dockerfile-writer.js';
import type { Toolchain } from '../toolchains.js';
import type { RenderOptions } from './render-recipe.js';

export interface StepPart {
  readonly title: string;
  readonly copies: readonly { readonly from: string; readonly to: string }[];
  readonly commands: readonly string[];
}

type Pip = Extract<Step, { kind: 'pip' }>;

const PIP = 'python -m pip install --no-cache-dir --no-input --disable-pip-version-check';
const NPM = '--no-audit --no-fund --no-update-notifier';
const MICROMAMBA = 'micromamba create --yes --no-rc --no-pyc --prefix /opt/conda';
/** R writes the time into each package. */
const R_INSTALL = '--built-timestamp=1970-01-01';

/** What a step does before or after the deposit is copied; null: nothing. */
export function stepCommands(
  step: Step,
  phase: 'before' | 'after',
  options: RenderOptions,
  toolchain: Toolchain,
): StepPart | null {
  switch (step.kind) {
    case 'conda-explicit':
    case 'conda-environment':
      return phase === 'before' ? conda(step) : null;
    case 'pip':
      return (phase === 'after') === step.needsSource ? pip(step, phase) : null;
    case 'pip-project':
      return phase === 'after' ? pipProject(step.withDependencies) : null;
    case 'npm':
      return (phase === 'after') === step.needsSource ? npm(step, phase) : null;
    case 'renv':
      return phase === 'before' ? renv(step.file, repositoryOf(step.date, options)) : null;
    case 'r-script':
      return phase === 'before' ? rScript(step.file, repositoryOf(step.date, options)) : null;
    case 'r-description':
      return phase === 'after' ? rDescription(repositoryOf(step.date, options)) : null;
    case 'julia':
      return phase === 'after' ? julia(step.folder) : null;
    case 'go':
      return go(step, phase);
    case 'cargo':
      return phase === 'after' ? cargo(step.hasLock, toolchain) : null;
    case 'post-build':
    case 'start':
      return null;
  }
}

function copyOf(file: string): StepPart['copies'][number] {
  return { from: `src/${file}`, to: `./${file}` };
}

/** The cache of packages lies where the clean step removes it; the history holds times. */
function conda({ kind, file, files }: Extract<Step, { kind: 'conda-explicit' | 'conda-environment' }>): StepPart {
  return {
    title: kind === 'conda-explicit' ? 'Conda packages, each by its address.' : 'Conda packages.',
    copies: [file, ...files].map(copyOf),
    commands: [
      'export MAMBA_ROOT_PREFIX=/tmp/mamba',
      `${MICROMAMBA} --file ${shellWord(file)}`,
      ': > /opt/conda/conda-meta/history',
    ],
  };
}

function pip({ file, files, generated, hasHashes }: Pip, phase: 'before' | 'after'): StepPart {
  const path = generated === null ? shellWord(file) : `/opt/envarium/${generated.name}`;
  // A lock names all packages: what it does not name is not wanted.
  const flags = `${hasHashes ? ' --require-hashes' : ''}${generated?.isComplete === true ? ' --no-deps' : ''}`;
  return {
    title: 'Python packages.',
    copies:
      generated === null
        ? phase === 'before'
          ? files.map(copyOf)
          : []
        : [{ from: `generated/${generated.name}`, to: path }],
    commands: [`${PIP}${flags} -r ${path}`],
  };
}

function pipProject(withDependencies: boolean): StepPart {
  return {
    title: 'The project itself.',
    copies: [],
    commands: [`${PIP}${withDependencies ? '' : ' --no-deps'} .`],
  };
}

function npm({ files, hasLock }: Extract<Step, { kind: 'npm' }>, phase: 'before' | 'after'): StepPart {
  return {
    title: 'Packages of Node.',
    copies: phase === 'before' ? files.map(copyOf) : [],
    // npm's own note of what it installed, with times.
    commands: [`npm ${hasLock ? 'ci' : 'install'} ${NPM}`, 'rm -f node_modules/.package-lock.json'],
  };
}

function repositoryOf(date: string | null, { rRepository }: RenderOptions): string {
  if (rRepository === undefined) {
    throw recipeInvalid(
      null,
      null,
      'No repository of R packages is set for this installation (ENVARIUM_R_REPOSITORY).',
    );
  }
  const url = rRepository.replace('{date}', date ?? 'latest');
  if (!/^(?:https?|file):\/\/[\w.:%/+~-]+$/.test(url))
    throw recipeInvalid(null, null, 'The address of the packages of R is not valid.');
  return url;
}

/** install.packages only warns of what fails, so that warnings are errors (2); a script may warn (1). */
function rCommand(repository: string, warn: 1 | 2, expressions: readonly string[]): string {
  const options = `options(repos = c(CRAN = "${repository}"), install.opts = "${R_INSTALL}", warn = ${warn})`;
  return `Rscript -e ${shellWord([options, ...expressions].join('; '))}`;
}

function install(name: string): string {
  return `install.packages("${name}", INSTALL_opts = "${R_INSTALL}")`;
}

function renv(file: string, repository: string): StepPart {
  return {
    title: 'Packages of R, as renv.lock names them.',
    copies: [copyOf(file)],
    commands: [
      'export RENV_CONFIG_CACHE_ENABLED=FALSE RENV_PATHS_ROOT=/tmp/renv',
      rCommand(repository, 2, [
        install('renv'),
        `renv::restore(lockfile = ${JSON.stringify(file)}, library = .libPaths()[1], prompt = FALSE)`,
      ]),
    ],
  };
}

function rScript(file: string, repository: string): StepPart {
  return {
    title: 'Packages of R, as install.R wants them.',
    copies: [copyOf(file)],
    commands: [rCommand(repository, 1, [`source(${JSON.stringify(file)})`])],
  };
}

function rDescription(repository: string): StepPart {
  return {
    title: 'The package of R itself.',
    copies: [],
    commands: [
      rCommand(repository, 2, [
        install('remotes'),
        `remotes::install_local(".", upgrade = "never", INSTALL_opts = "${R_INSTALL}")`,
      ]),
    ],
  };
}

/** What is compiled ahead differs in each build; Julia compiles it again when it is used. */
function julia(folder: string): StepPart {
  return {
    title: 'Packages of Julia.',
    copies: [],
    commands: [
      'export JULIA_PKG_PRECOMPILE_AUTO=0',
      `julia --project=${shellWord(`./${folder}`)} -e ${shellWord('using Pkg; Pkg.instantiate()')}`,
      'rm -rf /opt/julia-depot/compiled /opt/julia-depot/logs',
    ],
  };
}

function go(
  { files, hasMain, needsSource }: Extract<Step, { kind: 'go' }>,
  phase: 'before' | 'after',
): StepPart | null {
  const download = 'go mod download';
  if (phase === 'before')
    return needsSource ? null : { title: 'Modules of Go.', copies: files.map(copyOf), commands: [download] };
  const output = hasMain ? ' -o /usr/local/bin/' : '';
  return {
    title: 'Programs of Go.',
    copies: [],
    commands: [
      'export GOCACHE=/tmp/go-build',
      ...(needsSource ? [download] : []),
      `go build -mod=readonly -trimpath -buildvcs=false${output} ./...`,
    ],
  };
}

/**
 * The packages are fetched one by one from the sparse index, which can be replayed; its clone by git cannot. Cargo of bookworm
 * has it behind a switch, which is off again when programs are compiled. The target folder holds times: only programs are kept.
 */
function cargo(hasLock: boolean, toolchain: Toolchain): StepPart {
  const locked = hasLock ? ' --locked' : '';
  const sparse =
    toolchain === 'apt'
      ? 'RUSTC_BOOTSTRAP=1 CARGO_UNSTABLE_SPARSE_REGISTRY=true'
      : 'CARGO_REGISTRIES_CRATES_IO_PROTOCOL=sparse';
  return {
    title: 'Programs of Rust.',
    copies: [],
    commands: [
      'export CARGO_HOME=/tmp/cargo',
      'mkdir -p /tmp/cargo',
      `${sparse} cargo vendor${locked} /tmp/vendor > /tmp/vendor.toml`,
      'mv /tmp/vendor.toml /tmp/cargo/config.toml',
      `cargo build${locked} --release --offline --target-dir /tmp/target`,
      "find /tmp/target/release -maxdepth 1 -type f -perm -u+x ! -name '*.so' -exec cp -t /usr/local/bin {} +",
    ],
  };
}
