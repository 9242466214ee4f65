import type {
  EnvironmentManifest,
  EnvironmentScope,
  EnvironmentSpec,
  Evidence,
  ManifestPackage,
  ScopeKind,
  SkipReason,
  SpecPackage,
} from '@envarium/schema';
import { type CaptureContext, containerOf, contextsOf, scopeKindOf } from './capture-contexts.js';
import { operatingSystemOf } from './operating-system.js';
import { byEvidence, compare, merge, statementOf } from './statements.js';

export interface FileSpec {
  readonly path: string;
  readonly spec: EnvironmentSpec;
}

const SCOPE_ORDER = ['host', 'container', 'language'] as const;
/** What holds a scope that was seen in the same place: the innermost that is there. */
const HOLDERS: Readonly<Record<ScopeKind, readonly ScopeKind[]>> = {
  host: [],
  container: ['host'],
  language: ['container', 'host'],
};

interface PlacedScope {
  readonly context: CaptureContext | null;
  readonly scope: EnvironmentScope;
}

/**
 * One environment manifest out of what several files say. Equal statements are merged and keep all their evidence;
 * everything is sorted, so that neither the order of upload nor the machine changes the digest. What a capture saw in one
 * place nests; of other files nothing is known but what they say themselves.
 */
export function assembleManifest(files: readonly FileSpec[]): EnvironmentManifest {
  const placed = placedScopes(files);
  const positions = new Map(placed.map(({ context, scope }, index) => [placeKey(scope.kind, context), index]));
  return {
    schemaVersion: 1,
    scopes: placed.map(({ context, scope }) => {
      const [holder] = HOLDERS[scope.kind].flatMap((kind) => positions.get(placeKey(kind, context)) ?? []);
      // Left out where nothing is known: what was archived before keeps its bytes.
      return context === null || holder === undefined ? scope : { ...scope, within: holder };
    }),
    baseImages: merge(files.flatMap((file) => withEvidence(file, file.spec.baseImages))),
    notUnderstood: files.flatMap(notUnderstood).sort(byEvidence),
  };
}

function placedScopes(files: readonly FileSpec[]): PlacedScope[] {
  const contexts = contextsOf(files);
  const places = new Map<string, FileSpec[]>();
  for (const file of files) {
    const context = contexts.get(file.path) ?? null;
    const key = placeKey(scopeKindOf(file, context), context);
    const there = places.get(key);
    if (there === undefined) places.set(key, [file]);
    else there.push(file);
  }
  const captures = [...new Set(contexts.values())].sort((a, b) => compare(a.file, b.file));
  return SCOPE_ORDER.flatMap((kind) =>
    [null, ...captures].map((context) => ({
      context,
      scope: scopeOf(kind, places.get(placeKey(kind, context)) ?? [], context),
    })),
  ).filter(({ scope }) => saysSomething(scope));
}

function placeKey(kind: ScopeKind, context: CaptureContext | null): string {
  return `${kind}\0${context?.file ?? ''}`;
}

/**
 * How many packages a manifest fixes or asks for, by ecosystem, most first. What a file asks for and a capture saw, in the
 * same words, is one.
 */
export function countEcosystems(manifest: EnvironmentManifest): { ecosystem: string; packageCount: number }[] {
  const counts = new Map<string, number>();
  const counted = new Set<string>();
  for (const { kind, path, packages } of manifest.scopes) {
    for (const each of packages) {
      const statement = `${kind}\0${path ?? ''}\0${statementOf(each)}`;
      if (counted.has(statement)) continue;
      counted.add(statement);
      counts.set(each.ecosystem, (counts.get(each.ecosystem) ?? 0) + 1);
    }
  }
  return [...counts]
    .map(([ecosystem, packageCount]) => ({ ecosystem, packageCount }))
    .sort((a, b) => b.packageCount - a.packageCount || compare(a.ecosystem, b.ecosystem));
}

function scopeOf(kind: ScopeKind, files: readonly FileSpec[], context: CaptureContext | null): EnvironmentScope {
  const packages: ManifestPackage[] = merge(
    files.flatMap((file) => withEvidence(file, file.spec.packages.filter(isInEnvironment))),
  );
  const numerics = merge(files.flatMap((file) => withEvidence(file, file.spec.numerics ?? [])));
  const operatingSystem = kind === 'language' ? null : operatingSystemOf(files);
  const container = kind === 'container' && context !== null ? containerOf(context) : null;
  return {
    kind,
    ...(operatingSystem !== null && { operatingSystem }),
    ...(container !== null && { container }),
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
    ...(numerics.length > 0 && { numerics }),
  };
}

function saysSomething({ packages, runtimes, variables, numerics = [], container }: EnvironmentScope): boolean {
  return container !== undefined || packages.length + runtimes.length + variables.length + numerics.length > 0;
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
