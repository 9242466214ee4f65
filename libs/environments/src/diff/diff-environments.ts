import type { DiffSide, EnvironmentDiff, EnvironmentManifest, HardwareFingerprint } from '@envarium/schema';
import { baseImageFacts, diffFacts, hardwareFacts, runtimeFacts, variableFacts } from './diff-facts.js';
import { diffPackages } from './diff-packages.js';
import { diffSummary } from './diff-summary.js';
import { hasNumerics, numericFacts } from './numeric-facts.js';
import { systemFacts } from './system-facts.js';

/** One of the two that are compared. */
export interface ComparedEnvironment {
  readonly name: string;
  readonly imageDigest: string | null;
  /** What its files say, and what its image says. */
  readonly environments: readonly EnvironmentManifest[];
  readonly hardware: HardwareFingerprint | null;
}

/** Pure: the same two give the same answer here, on the server and on the machine of a researcher. */
export function diffEnvironments(from: ComparedEnvironment, to: ComparedEnvironment): EnvironmentDiff {
  const isKnown = from.environments.length > 0 && to.environments.length > 0;
  // Where one side is not known at all, everything of the other would look added or removed.
  const [left, right] = isKnown ? [from.environments, to.environments] : [[], []];
  const { packages, equal } = diffPackages(left, right);
  const counted = (...changes: string[]): number => packages.filter(({ change }) => changes.includes(change)).length;
  const areNumericsKnown = hasNumerics(left) && hasNumerics(right);
  const isMachineKnown = from.hardware !== null && to.hardware !== null;
  const diff: Omit<EnvironmentDiff, 'summary'> = {
    schemaVersion: 1,
    from: sideOf(from),
    to: sideOf(to),
    isSameImage: from.imageDigest === null || to.imageDigest === null ? null : from.imageDigest === to.imageDigest,
    packageCounts: {
      equal,
      added: counted('added'),
      removed: counted('removed'),
      changed: packages.length - counted('added', 'removed'),
    },
    packages,
    numerics: areNumericsKnown ? diffFacts(numericFacts(left), numericFacts(right)) : [],
    runtimes: diffFacts(runtimeFacts(left), runtimeFacts(right)),
    systems: diffFacts(systemFacts(left), systemFacts(right)),
    baseImages: diffFacts(baseImageFacts(left), baseImageFacts(right)),
    variables: diffFacts(variableFacts(left), variableFacts(right)),
    hardware: isMachineKnown ? diffFacts(hardwareFacts(from.hardware), hardwareFacts(to.hardware)) : [],
  };
  return { ...diff, summary: diffSummary(diff) };
}

function sideOf({ name, imageDigest, environments, hardware }: ComparedEnvironment): DiffSide {
  return {
    name,
    imageDigest,
    hasEnvironment: environments.length > 0,
    hasHardware: hardware !== null,
    hasNumerics: hasNumerics(environments),
    notUnderstoodCount: environments.reduce((sum, { notUnderstood }) => sum + notUnderstood.length, 0),
  };
}
