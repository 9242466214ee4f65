import type { BitsVerdict, FitReport, Gpu } from '@envarium/schema';
import { isGenericMicroarchitecture } from './archspec.js';
import type { Machine } from './machine.js';
import { NUMERIC_FEATURE } from './numeric-feature.js';

interface Finding {
  readonly verdict: BitsVerdict;
  readonly reason: string;
}

/** The gravest finding decides; a certain difference outweighs what is unknown. */
const GRAVEST_FIRST: readonly BitsVerdict[] = [
  'differences-expected',
  'unknown',
  'last-digits-may-differ',
  'plausible',
];

const NEVER_PROMISED =
  'Which BLAS, how many threads and which CUDA toolkit were used is not part of this comparison; equality is never promised.';

/**
 * Libraries choose code by instruction set (https://github.com/numpy/numpy/issues/23523), by thread count and by GPU
 * (cuBLAS: bitwise equal only on GPUs of the same architecture with the same number of multiprocessors).
 */
export function assessBits(archived: Machine | null, machine: Machine): FitReport['bitsMatch'] {
  if (archived === null) return { verdict: 'unknown', reasons: ['The hardware of the archived run is not recorded.'] };
  const findings = [assessCpu(archived, machine), ...assessGpus(archived, machine)].toSorted(
    (a, b) => GRAVEST_FIRST.indexOf(a.verdict) - GRAVEST_FIRST.indexOf(b.verdict),
  );
  const verdict = findings[0]?.verdict ?? 'unknown';
  return { verdict, reasons: [...findings.map(({ reason }) => reason), NEVER_PROMISED] };
}

function assessCpu(archived: Machine, machine: Machine): Finding {
  if (archived.architecture === null || machine.architecture === null) {
    return { verdict: 'unknown', reason: 'The architecture of one of the two machines is not known.' };
  }
  if (archived.architecture !== machine.architecture) {
    return {
      verdict: 'differences-expected',
      reason: `The archived machine was ${archived.architecture}, yours is ${machine.architecture}.`,
    };
  }
  const [before, now] = [archived.isaLevel, machine.isaLevel];
  if (before !== null && now !== null && before !== now) {
    return { verdict: 'differences-expected', reason: `The archived machine was ${before}, yours is ${now}.` };
  }
  const isSameLevel = before !== null && now !== null;
  if (archived.features === null || machine.features === null) {
    if (!isSameLevel)
      return { verdict: 'unknown', reason: 'The instruction set of one of the two machines is not known.' };
    return {
      verdict: 'last-digits-may-differ',
      reason: `Both machines are ${before}; more is not known of one of them.`,
    };
  }
  const difference = onlyInOne(archived.features, machine.features).filter((name) => NUMERIC_FEATURE.test(name));
  if (difference.length > 0) {
    return {
      verdict: isSameLevel ? 'last-digits-may-differ' : 'differences-expected',
      reason: `Only one of the two machines has: ${difference.join(' ')}.`,
    };
  }
  return assessCoreDesign(archived, machine);
}

function onlyInOne(a: ReadonlySet<string>, b: ReadonlySet<string>): string[] {
  const names = [...[...a].filter((name) => !b.has(name)), ...[...b].filter((name) => !a.has(name))];
  return names.toSorted();
}

/** The instruction sets are equal. BLAS still picks kernels and block sizes by design, and splits sums by threads. */
function assessCoreDesign(archived: Machine, machine: Machine): Finding {
  const [then, now] = commonDesign(archived, machine) ?? [archived.coreDesign, machine.coreDesign];
  if (then === null || now === null) {
    return {
      verdict: 'last-digits-may-differ',
      reason: 'Same instruction set; the design of one of the cores is not known.',
    };
  }
  if (then !== now) {
    return {
      verdict: 'last-digits-may-differ',
      reason: `Same instruction set, other core: ${then} then, ${now} now.`,
    };
  }
  if (archived.onlineCpus === null || archived.onlineCpus !== machine.onlineCpus) {
    const [before, today] = [archived.onlineCpus, machine.onlineCpus].map((count) => count ?? 'an unknown number of');
    return { verdict: 'last-digits-may-differ', reason: `Same core, but ${before} CPUs then and ${today} CPUs now.` };
  }
  return { verdict: 'plausible', reason: `Same core (${now}), as many CPUs, same instruction set.` };
}

/** Where archspec names both cores, its names count: models of one design differ in clocks and caches. */
function commonDesign(archived: Machine, machine: Machine): [string, string] | null {
  const { microarchitecture: then } = archived;
  const { microarchitecture: now } = machine;
  if (then === null || now === null || isGenericMicroarchitecture(then) || isGenericMicroarchitecture(now)) return null;
  return [then, now];
}

function assessGpus(archived: Machine, machine: Machine): Finding[] {
  if (archived.gpus.length === 0) return [];
  if (machine.gpus.length === 0) {
    return [{ verdict: 'unknown', reason: 'The archived machine had a GPU; which one yours has is not known.' }];
  }
  const [then, now] = [describe(archived.gpus), describe(machine.gpus)];
  if (then === now) {
    if (archived.gpuDriver !== null && archived.gpuDriver === machine.gpuDriver) {
      return [{ verdict: 'plausible', reason: `Same GPUs (${now}) and driver.` }];
    }
    return [{ verdict: 'last-digits-may-differ', reason: `Same GPUs (${now}), but another driver.` }];
  }
  const [architecturesThen, architecturesNow] = [architecturesOf(archived.gpus), architecturesOf(machine.gpus)];
  const isSameArchitecture = architecturesThen !== null && architecturesThen === architecturesNow;
  return [
    {
      verdict: isSameArchitecture ? 'last-digits-may-differ' : 'differences-expected',
      reason: `GPUs then: ${then}; now: ${now}.`,
    },
  ];
}

/** A MIG slice has a part of the multiprocessors only. */
function describe(gpus: readonly Gpu[]): string {
  const names = gpus.map(({ model, migMode }) => (migMode === 'Enabled' ? `${model} (MIG)` : model));
  return names.toSorted().join(', ');
}

/** By compute capability where the table knows it: Ampere alone is three of them. */
function architecturesOf(gpus: readonly Gpu[]): string | null {
  const names = gpus
    .map(({ computeCapability, architecture }) => computeCapability?.value ?? architecture)
    .filter((name) => name !== null);
  return names.length < gpus.length ? null : [...new Set(names)].toSorted().join(', ');
}
