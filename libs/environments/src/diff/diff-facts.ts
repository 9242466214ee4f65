import type { EnvironmentManifest, FactDiff, HardwareFingerprint, ScopeKind } from '@envarium/schema';

/** A fact as one side states it. */
interface Fact {
  readonly what: string;
  readonly scope: ScopeKind | null;
  readonly value: string;
}

/** Facts that differ, in the order in which they are first named. A fact may have several values, as two interpreters do. */
export function diffFacts(from: readonly Fact[], to: readonly Fact[]): FactDiff[] {
  const [before, after] = [valuesByFact(from), valuesByFact(to)];
  const diffs: FactDiff[] = [];
  for (const { what, scope } of [...from, ...to]) {
    const key = keyOf(what, scope);
    const [left, right] = [[...(before.get(key) ?? [])].sort(), [...(after.get(key) ?? [])].sort()];
    before.delete(key);
    after.delete(key);
    if (JSON.stringify(left) !== JSON.stringify(right)) diffs.push({ what, scope, from: left, to: right });
  }
  return diffs;
}

export function runtimeFacts(manifests: readonly EnvironmentManifest[]): Fact[] {
  return manifests
    .flatMap(({ scopes }) => scopes)
    .flatMap(({ kind, runtimes }) =>
      runtimes.map(({ name, version, specifier }) => ({
        what: name,
        scope: kind,
        value: version ?? `asks for ${specifier ?? 'any version'}`,
      })),
    );
}

export function variableFacts(manifests: readonly EnvironmentManifest[]): Fact[] {
  return manifests
    .flatMap(({ scopes }) => scopes)
    .flatMap(({ kind, variables }) => variables.map(({ name, value }) => ({ what: name, scope: kind, value })));
}

export function baseImageFacts(manifests: readonly EnvironmentManifest[]): Fact[] {
  return manifests
    .flatMap(({ baseImages }) => baseImages)
    .map(({ reference, digest, stage }) => ({
      what: stage === null ? 'base image' : `base image of stage ${stage}`,
      scope: null,
      value: digest === null || reference.includes(digest) ? reference : `${reference}@${digest}`,
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
  return facts.flatMap(([what, values]) => values.flatMap((value) => (value ? [{ what, scope: null, value }] : [])));
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

function valuesByFact(facts: readonly Fact[]): Map<string, Set<string>> {
  const values = new Map<string, Set<string>>();
  for (const { what, scope, value } of facts) {
    const key = keyOf(what, scope);
    const known = values.get(key);
    if (known === undefined) values.set(key, new Set([value]));
    else known.add(value);
  }
  return values;
}

function keyOf(what: string, scope: ScopeKind | null): string {
  return `${scope ?? ''}\0${what}`;
}
