import type {
  EnvironmentManifest,
  EnvironmentScope,
  Evidence,
  FactDiff,
  HardwareFingerprint,
  ScopeKind,
} from '@envarium/schema';

/** A fact as one side states it. */
export interface Fact {
  readonly what: string;
  readonly scope: ScopeKind | null;
  readonly value: string;
  readonly evidence: readonly Evidence[];
}

interface Stated {
  readonly values: Set<string>;
  readonly evidence: Evidence[];
}

/** A fact of many places is found by the first of them. */
const MOST_EVIDENCE = 10;

/** Facts that differ, in the order in which they are first named. A fact may have several values, as two interpreters do. */
export function diffFacts(from: readonly Fact[], to: readonly Fact[]): FactDiff[] {
  const [before, after] = [statedFacts(from), statedFacts(to)];
  const diffs: FactDiff[] = [];
  for (const { what, scope } of [...from, ...to]) {
    const key = keyOf(what, scope);
    const [left, right] = [before.get(key), after.get(key)];
    before.delete(key);
    after.delete(key);
    const [was, is] = [[...(left?.values ?? [])].sort(), [...(right?.values ?? [])].sort()];
    if (JSON.stringify(was) === JSON.stringify(is)) continue;
    diffs.push({ what, scope, from: was, to: is, fromEvidence: placesOf(left), toEvidence: placesOf(right) });
  }
  return diffs;
}

/** What a session of R says of its machine is seen, not asked for. */
const OBSERVED: ReadonlySet<string> = new Set(['os', 'platform', 'blas', 'lapack']);

export function runtimeFacts(manifests: readonly EnvironmentManifest[]): Fact[] {
  return scopesOf(manifests).flatMap((scope) =>
    scope.runtimes
      .filter((runtime) => !isToldElsewhere(runtime, scope))
      .map(({ name, version, specifier, evidence }) => ({
        what: name,
        scope: scope.kind,
        value:
          version ?? (OBSERVED.has(name) && specifier !== null ? specifier : `asks for ${specifier ?? 'any version'}`),
        evidence,
      })),
  );
}

/** What stands among numeric libraries or systems as well is told there. */
function isToldElsewhere(
  { name, evidence }: EnvironmentScope['runtimes'][number],
  { numerics = [], operatingSystem }: EnvironmentScope,
): boolean {
  const others = name === 'blas' || name === 'lapack' ? numerics.flatMap((each) => each.evidence) : [];
  const files = new Set([...others, ...(operatingSystem?.evidence ?? [])].map(({ file }) => file));
  return evidence.length > 0 && evidence.every(({ file }) => files.has(file));
}

export function variableFacts(manifests: readonly EnvironmentManifest[]): Fact[] {
  return scopesOf(manifests).flatMap(({ kind, variables }) =>
    variables.map(({ name, value, evidence }) => ({ what: name, scope: kind, value, evidence })),
  );
}

export function scopesOf(manifests: readonly EnvironmentManifest[]): EnvironmentScope[] {
  return manifests.flatMap(({ scopes }) => scopes);
}

export function baseImageFacts(manifests: readonly EnvironmentManifest[]): Fact[] {
  return manifests
    .flatMap(({ baseImages }) => baseImages)
    .map(({ reference, digest, stage, evidence }) => ({
      what: stage === null ? 'base image' : `base image of stage ${stage}`,
      scope: null,
      value: digest === null || reference.includes(digest) ? reference : `${reference}@${digest}`,
      evidence,
    }));
}

/** What of a machine matters for numbers, in the order in which it does. */
export function hardwareFacts(hardware: HardwareFingerprint | null): Fact[] {
  if (hardware === null) return [];
  const { architecture, cpu, gpus, gpuDriver, cudaDriverMax, kernel } = hardware;
  const facts: (readonly [what: string, values: readonly (string | null | undefined)[]])[] = [
    ['architecture', [architecture?.value]],
    ['instruction set level', [cpu?.isaLevel?.value]],
    ['CPU', cpu?.modelNames?.value ?? []],
    ['CPU features', [featureText(cpu?.features?.value)]],
    ['GPU', countedGpus(gpus.map(({ model }) => model))],
    ['GPU driver', [gpuDriver?.value]],
    ['highest CUDA of the driver', [cudaDriverMax?.value]],
    ['online CPUs', [cpu?.onlineCpus?.value.toString()]],
    ['kernel', [kernel?.value]],
  ];
  return facts.flatMap(([what, values]) =>
    values.flatMap((value) => (value ? [{ what, scope: null, value, evidence: [] }] : [])),
  );
}

/** A machine has a hundred features: of vector units and fused arithmetic alone numbers depend. */
function featureText(features: readonly string[] | undefined): string | null {
  const counted = (features ?? []).filter((name) => /^(?:sse|ssse|avx|fma|f16c|amx|asimd|sve|neon|vsx|vx)/.test(name));
  return counted.length === 0 ? null : [...counted].sort().join(' ');
}

function countedGpus(models: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const model of models) counts.set(model, (counts.get(model) ?? 0) + 1);
  return [...counts].map(([model, count]) => (count === 1 ? model : `${count} x ${model}`));
}

function statedFacts(facts: readonly Fact[]): Map<string, Stated> {
  const stated = new Map<string, Stated>();
  for (const { what, scope, value, evidence } of facts) {
    const key = keyOf(what, scope);
    const known = stated.get(key) ?? { values: new Set(), evidence: [] };
    known.values.add(value);
    known.evidence.push(...evidence);
    stated.set(key, known);
  }
  return stated;
}

function placesOf(stated: Stated | undefined): Evidence[] {
  const places = new Map(stated?.evidence.map((each) => [`${each.file}\0${each.line ?? ''}`, each]));
  return [...places.values()].slice(0, MOST_EVIDENCE);
}

function keyOf(what: string, scope: ScopeKind | null): string {
  return `${scope ?? ''}\0${what}`;
}
