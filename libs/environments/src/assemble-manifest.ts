import type {
  EnvironmentManifest,
  EnvironmentScope,
  EnvironmentSpec,
  Evidence,
  ManifestPackage,
  SkipReason,
  SpecPackage,
} from '@envarium/schema';
import { byEvidence, compare, merge } from './statements.js';

export interface FileSpec {
  readonly path: string;
  readonly spec: EnvironmentSpec;
}

const SCOPE_ORDER = ['host', 'container', 'language'] as const;

/**
 * One environment manifest out of what several files say. Equal statements are merged and keep all their evidence;
 * everything is sorted, so that neither the order of upload nor the machine changes the digest.
 */
export function assembleManifest(files: readonly FileSpec[]): EnvironmentManifest {
  const scopes = SCOPE_ORDER.map((kind) =>
    scopeOf(
      kind,
      files.filter(({ spec }) => spec.scope === kind),
    ),
  );
  return {
    schemaVersion: 1,
    scopes: scopes.filter(saysSomething),
    baseImages: merge(files.flatMap((file) => withEvidence(file, file.spec.baseImages))),
    notUnderstood: files.flatMap(notUnderstood).sort(byEvidence),
  };
}

/** How many packages a manifest fixes or asks for, by ecosystem, most first. */
export function countEcosystems(manifest: EnvironmentManifest): { ecosystem: string; packageCount: number }[] {
  const counts = new Map<string, number>();
  for (const { ecosystem } of manifest.scopes.flatMap((scope) => scope.packages)) {
    counts.set(ecosystem, (counts.get(ecosystem) ?? 0) + 1);
  }
  return [...counts]
    .map(([ecosystem, packageCount]) => ({ ecosystem, packageCount }))
    .sort((a, b) => b.packageCount - a.packageCount || compare(a.ecosystem, b.ecosystem));
}

function scopeOf(kind: EnvironmentScope['kind'], files: readonly FileSpec[]): EnvironmentScope {
  const packages: ManifestPackage[] = merge(
    files.flatMap((file) => withEvidence(file, file.spec.packages.filter(isInEnvironment))),
  );
  const numerics = merge(files.flatMap((file) => withEvidence(file, file.spec.numerics ?? [])));
  return {
    kind,
    packages,
    runtimes: merge(files.flatMap((file) => withEvidence(file, file.spec.runtimes))),
    variables: merge(
      files.flatMap((file) =>
        withEvidence(
          file,
          file.spec.variables.map((each) => ({ ...each, line: null })),
        ),
      ),
    ),
    // Left out where nothing is known: what was archived before keeps its bytes.
    ...(numerics.length > 0 && { numerics }),
  };
}

function saysSomething({ packages, runtimes, variables, numerics = [] }: EnvironmentScope): boolean {
  return packages.length + runtimes.length + variables.length + numerics.length > 0;
}

/** Listed, but not there; or under a name that is not the whole name. Neither may be found as a package of the environment. */
const NOT_IN_ENVIRONMENT: ReadonlySet<SkipReason | null> = new Set(['not-installed', 'truncated-name', 'name-invalid']);

function isInEnvironment({ skipReason }: SpecPackage): boolean {
  return !NOT_IN_ENVIRONMENT.has(skipReason);
}

function notUnderstood({ path, spec }: FileSpec): EnvironmentManifest['notUnderstood'] {
  const unnamed = spec.packages.flatMap(({ name, line, skipReason }) =>
    skipReason === 'truncated-name' || skipReason === 'name-invalid'
      ? [{ evidence: { file: path, line }, reason: skipReason, message: `the package name "${name}" is not whole` }]
      : [],
  );
  const problems = spec.problems.map(({ reason, message, line }) => ({
    evidence: { file: path, line },
    reason,
    message,
  }));
  return [...problems, ...unnamed];
}

type Evidenced<T> = Omit<T, 'line'> & { evidence: Evidence[] };

function withEvidence<T extends { line: number | null }>(file: FileSpec, items: readonly T[]): Evidenced<T>[] {
  return items.map(({ line, ...item }) => ({ ...item, evidence: [{ file: file.path, line }] }));
}
