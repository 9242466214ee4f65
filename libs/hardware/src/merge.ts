import type { Cpu, Gpu, HardwareFingerprint, HardwareSource } from '@envarium/schema';
import type { Fact } from './facts.js';
import { toFingerprint } from './fingerprint.js';
import { listed } from './listed.js';

/** The more exact report first: lscpu counts CPUs that are off line, and names ARM cores that cpuinfo gives as codes. */
const EXACTNESS: readonly HardwareSource[] = ['nvidia-smi-xml', 'lscpu-json', 'lscpu', 'cpuinfo', 'node-os'];

type Problems = HardwareFingerprint['problems'];

/**
 * Several reports of one machine as one fingerprint: of each fact the one from the most exact report. Reports that
 * contradict one another leave a problem that names both values; nothing is averaged.
 */
export function mergeFingerprints(readings: readonly HardwareFingerprint[]): HardwareFingerprint {
  const problems = readings.flatMap((reading) => reading.problems);

  function choose<T>(name: string, facts: readonly (Fact<T> | null)[], isComparable = true): Fact<T> | null {
    const [kept, ...others] = byExactness(facts.filter((fact) => fact !== null));
    if (kept === undefined) return null;
    if (isComparable) problems.push(...others.flatMap((other) => conflict(name, kept, other)));
    return kept;
  }

  const architecture = choose(
    'architecture',
    readings.map((reading) => reading.architecture),
  );
  const merged = {
    architecture,
    gpus: chooseGpus(
      readings.map(({ gpus }) => gpus),
      problems,
    ),
    gpuDriver: choose(
      'GPU driver',
      readings.map((reading) => reading.gpuDriver),
    ),
    cudaDriverMax: choose(
      'CUDA of the driver',
      readings.map((reading) => reading.cudaDriverMax),
    ),
    kernel: choose(
      'kernel',
      readings.map((reading) => reading.kernel),
    ),
    memoryBytes: choose(
      'memory',
      readings.map((reading) => reading.memoryBytes),
    ),
  };
  const cpus = readings.map((reading) => reading.cpu).filter((cpu) => cpu !== null);
  if (cpus.length === 0) return toFingerprint({ ...merged, problems: distinct(problems) });

  // Off x86, lscpu translates and regroups what cpuinfo gives as codes: another spelling is no contradiction.
  const isSpelledAlike = architecture === null || /^(?:x86_64|i\d86)$/.test(architecture.value);
  const cpu: Omit<Cpu, 'isaLevel'> = {
    vendor: choose(
      'vendor',
      cpus.map(({ vendor }) => vendor),
      isSpelledAlike,
    ),
    modelNames: choose(
      'model name',
      cpus.map((reading) => reading.modelNames),
      isSpelledAlike,
    ),
    family: choose(
      'family',
      cpus.map(({ family }) => family),
      isSpelledAlike,
    ),
    model: choose(
      'model',
      cpus.map(({ model }) => model),
      isSpelledAlike,
    ),
    stepping: choose(
      'stepping',
      cpus.map(({ stepping }) => stepping),
      isSpelledAlike,
    ),
    features: choose(
      'features',
      cpus.map(({ features }) => features),
      isSpelledAlike,
    ),
    logicalCpus: choose(
      'CPUs',
      cpus.map(({ logicalCpus }) => logicalCpus),
    ),
    onlineCpus: choose(
      'on-line CPUs',
      cpus.map(({ onlineCpus }) => onlineCpus),
    ),
    sockets: choose(
      'sockets',
      cpus.map(({ sockets }) => sockets),
    ),
    coresPerSocket: choose(
      'cores per socket',
      cpus.map(({ coresPerSocket }) => coresPerSocket),
    ),
    threadsPerCore: choose(
      'threads per core',
      cpus.map(({ threadsPerCore }) => threadsPerCore),
    ),
    numaNodes: choose(
      'NUMA nodes',
      cpus.map(({ numaNodes }) => numaNodes),
    ),
    byteOrder: choose(
      'byte order',
      cpus.map(({ byteOrder }) => byteOrder),
    ),
    microcode: choose(
      'microcode',
      cpus.map(({ microcode }) => microcode),
    ),
    hypervisor: choose(
      'hypervisor',
      cpus.map(({ hypervisor }) => hypervisor),
    ),
    caches: chooseCaches(cpus.map(({ caches }) => caches)),
  };
  return toFingerprint({ ...merged, cpu, problems: distinct(problems) });
}

/** Stable: of two reports of one kind the first counts. */
function byExactness<T extends { source: HardwareSource }>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => EXACTNESS.indexOf(a.source) - EXACTNESS.indexOf(b.source));
}

function conflict<T>(name: string, kept: Fact<T>, other: Fact<T>): Problems {
  const [keptValues, otherValues] = [
    new Set([kept.value].flat().map(String)),
    new Set([other.value].flat().map(String)),
  ];
  const onlyKept = [...keptValues].filter((value) => !otherValues.has(value));
  const onlyOther = [...otherValues].filter((value) => !keptValues.has(value));
  if (onlyKept.length === 0 && onlyOther.length === 0) return [];
  const message = `${name}: ${listed(onlyOther)} only in ${other.source}, ${listed(onlyKept)} only in ${kept.source}, which is kept`;
  return [{ source: other.source, message, line: null }];
}

/** Reports of one machine show the same GPUs; one taken inside a container may show fewer. */
function chooseGpus(lists: readonly Gpu[][], problems: Problems): Gpu[] {
  const [kept = [], ...others] = lists.filter((gpus) => gpus.length > 0).toSorted((a, b) => b.length - a.length);
  for (const other of others) {
    if (JSON.stringify(other) === JSON.stringify(kept)) continue;
    const [otherNames, keptNames] = [other, kept].map((gpus) => gpus.map(({ model }) => model).join(', '));
    const message = `GPUs differ between reports: ${otherNames}; kept: ${keptNames}`;
    problems.push({ source: 'nvidia-smi-xml', message, line: null });
  }
  return kept;
}

function chooseCaches(lists: readonly Cpu['caches'][]): Cpu['caches'] {
  const heads = lists.map((caches) => caches[0]).filter((cache) => cache !== undefined);
  const source = byExactness(heads)[0]?.source;
  return lists.find((caches) => caches[0]?.source === source) ?? [];
}

function distinct(problems: Problems): Problems {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}
