import type { EnvironmentSpec, SkipReason } from '@envarium/schema';
import { ProblemLog } from '../problem-log.js';
import { emptySpec, specPackage } from '../spec.js';
import { splitLines } from '../text.js';
import { itemsOf, readFields, textOf, type Fields, type ValueLine } from './dcf.js';
import { parseDependency, R_VERSION, type Dependency } from './dependency.js';
import { parseRemote, type Remote } from './remote.js';

export const FILE_NAME = /(?:^|[-._])DESCRIPTION$/;

/** In the order in which R installs them. */
const DEPENDENCY_FIELDS = ['Depends', 'Imports', 'LinkingTo', 'Suggests', 'Enhances'] as const;
const FIRST_FIELD = /^\s*(?:Package|Type|Title|Version|Date|Authors@R|Author|License|Depends|Imports|Encoding):/;
/** Fields that only R has; `Architecture` would make it a control file of Debian. */
const MARK =
  /^(?:Title|Type|License|Imports|LinkingTo|Authors@R|Encoding|LazyData|RoxygenNote|Roxygen|NeedsCompilation|VignetteBuilder|biocViews|Built|Repository|Config\/[^:]*):/m;
const DEBIAN = /^(?:Architecture|Installed-Size|Maintainer-Scripts|Standards-Version):/m;
/** Python's metadata has a Version and a License, too. */
const PYTHON = /^Metadata-Version:/m;

export function extract(content: string, path: string): EnvironmentSpec | null {
  const isNamed = FILE_NAME.test(path.slice(path.lastIndexOf('/') + 1));
  if (!MARK.test(content) || DEBIAN.test(content) || PYTHON.test(content)) return null;
  const isComplete = /^Package:/m.test(content) && /^Version:/m.test(content);
  if (!(isNamed ? FIRST_FIELD.test(content) || isComplete : isComplete && FIRST_FIELD.test(content))) return null;

  const spec = emptySpec('r-description', 'language');
  const problems = new ProblemLog();
  const fields = readFields(splitLines(content), problems);
  const remotes = readRemotes(fields, spec, problems);
  for (const tag of DEPENDENCY_FIELDS) readDependencies(fields, tag, remotes, spec, problems);
  readSystemRequirements(fields, problems);
  spec.problems = problems.toProblems();
  return spec;
}

function readDependencies(
  fields: Fields,
  tag: string,
  remotes: ReadonlyMap<string, Remote>,
  spec: EnvironmentSpec,
  problems: ProblemLog,
): void {
  const seen = new Set<string>();
  for (const item of itemsOf(fields, tag)) {
    const dependency = parseDependency(item.text);
    if (dependency === null) {
      const message = `${tag} holds what is no dependency: ${item.text.slice(0, 80)}`;
      problems.add({ reason: 'syntax-invalid', message, line: item.line });
      continue;
    }
    const { name, requirement } = dependency;
    if (name === 'R') {
      spec.runtimes.push({ name: 'r', version: null, specifier: requirement, line: item.line });
      continue;
    }
    // A name may stand twice for two bounds; R takes the first one alone.
    if (seen.has(name)) {
      const message = `${name} stands twice in ${tag}; the first one is read.`;
      problems.add({ reason: 'duplicate-entry', message, line: item.line });
      continue;
    }
    seen.add(name);
    spec.packages.push(toPackage(dependency, tag, remotes.get(name), item));
  }
}

/** Where a package comes from is said in `Remotes` alone: CRAN, Bioconductor and R itself look the same here, so no purl. */
function toPackage(dependency: Dependency, tag: string, remote: Remote | undefined, { line }: ValueLine) {
  const { name, requirement, version } = dependency;
  const isVersion = version !== null && R_VERSION.test(version);
  return specPackage({
    ecosystem: 'cran',
    name,
    version: isVersion ? version : null,
    specifier: requirement,
    standing: 'declared',
    purl: remote?.purl ?? null,
    source: remote?.source ?? null,
    group: tag,
    line,
    skipReason: remote?.skipReason ?? doubtOf(dependency, isVersion),
  });
}

function doubtOf({ requirement, version }: Dependency, isVersion: boolean): SkipReason | null {
  if (requirement === null) return 'no-version';
  if (version === null) return 'version-range';
  return isVersion ? null : 'version-invalid';
}

/** A remote of a package that no field asks for has no name that is certain: it is reported, and no package is made of it. */
function readRemotes(fields: Fields, spec: EnvironmentSpec, problems: ProblemLog): ReadonlyMap<string, Remote> {
  const asked = new Set(
    DEPENDENCY_FIELDS.flatMap((tag) => itemsOf(fields, tag).map(({ text }) => /^[^\s(]+/.exec(text)?.[0])),
  );
  const remotes = new Map<string, Remote>();
  for (const { text, line } of itemsOf(fields, 'Remotes')) {
    const remote = parseRemote(text);
    spec.sources.push(remote.source);
    if (remote.hadCredentials) spec.secrets.push({ kind: 'url-credentials', line });
    if (remote.name !== null && asked.has(remote.name)) remotes.set(remote.name, remote);
    else {
      const message = `No dependency is named after the remote ${remote.source.slice(0, 120)}.`;
      problems.add({ reason: 'vcs-source', message, line });
    }
  }
  return remotes;
}

function readSystemRequirements(fields: Fields, problems: ProblemLog): void {
  const text = textOf(fields, 'SystemRequirements');
  if (text === '') return;
  const message = `SystemRequirements is text for people: ${text.slice(0, 200)}`;
  problems.add({ reason: 'unsupported-installer', message, line: fields.get('SystemRequirements')?.[0]?.line ?? null });
}
