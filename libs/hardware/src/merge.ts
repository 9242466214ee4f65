import type { Cpu, Gpu, HardwareFingerprint, HardwareSource } from '@envarium/schema';
import { isGenericMicroarchitecture } from './archspec.js';
import type { Fact } from './facts.js';
import { toFingerprint } from './fingerprint.js';
import { listed } from './listed.js';

/** The more exact report first: lscpu counts CPUs that are off line, and names ARM cores that cpuinfo gives as codes. */
const EXACTNESS: readonly HardwareSource[] = [
  'nvidia-smi-xml',
  'nvidia-smi-q',
  'lscpu-json',
  'lscpu',
  'cpuinfo',
  'sysctl',
  'cpuid',
  'hwloc-xml',
  'lshw-json',
  'nvidia-smi-table',
  'node-os',
];

/** Reports that name things in their own words: "Intel Corp." beside "GenuineIntel" is no contradiction. */
const OWN_WORDS: ReadonlySet<HardwareSource> = new Set(['sysctl', 'cpuid', 'hwloc-xml', 'lshw-json', 'node-os']);

/** The table cuts names short; the others give those of the PCI list. */
const IN_OTHER_NAMES: ReadonlySet<HardwareSource> = new Set(['nvidia-smi-table', 'hwloc-xml', 'lshw-json']);

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

  /** Of what reports spell in different ways. */
  function chooseSpelled<T>(name: string, facts: readonly (Fact<T> | null)[]): Fact<T> | null {
    const comparable = facts.filter((fact) => fact !== null && !OWN_WORDS.has(fact.source));
    return choose(name, comparable, isSpelledAlike) ?? choose(name, facts, false);
  }

  const architecture = choose(
    'architecture',
    readings.map((reading) => reading.architecture),
  );
  // Off x86, lscpu translates and regroups what cpuinfo gives as codes: another spelling is no contradiction.
  const isSpelledAlike = architecture === null || /^(?:x86_64|i\d86)$/.test(architecture.value);
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
    operatingSystem: choose(
      'operating system',
      readings.map((reading) => reading.operatingSystem),
    ),
    libc: choose(
      'libc',
      readings.map((reading) => reading.libc),
    ),
    pageSizeBytes: choose(
      'page size',
      readings.map((reading) => reading.pageSizeBytes),
    ),
    // What the firmware installed, what the kernel manages and what the nodes hold are three amounts.
    memoryBytes: choose(
      'memory',
      readings.map((reading) => reading.memoryBytes),
      false,
    ),
  };
  const cpus = readings.map((reading) => reading.cpu).filter((cpu) => cpu !== null);
  if (cpus.length === 0) return toFingerprint({ ...merged, problems: distinct(problems) });

  const cpu: Omit<Cpu, 'isaLevel'> = {
    microarchitecture: chooseDesign(cpus.map(({ microarchitecture }) => microarchitecture)),
    vendor: chooseSpelled(
      'vendor',
      cpus.map(({ vendor }) => vendor),
    ),
    modelNames: chooseSpelled(
      'model name',
      cpus.map((reading) => reading.modelNames),
    ),
    family: chooseSpelled(
      'family',
      cpus.map(({ family }) => family),
    ),
    model: chooseSpelled(
      'model',
      cpus.map(({ model }) => model),
    ),
    stepping: chooseSpelled(
      'stepping',
      cpus.map(({ stepping }) => stepping),
    ),
    features: chooseSpelled(
      'features',
      cpus.map(({ features }) => features),
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
  const [kept = [], ...others] = lists
    .filter((gpus) => gpus.length > 0)
    .toSorted((a, b) => b.length - a.length || exactnessOf(a) - exactnessOf(b));
  const keptNames = namesOf(kept);
  for (const other of others) {
    const [source] = other.map((gpu) => gpu.source);
    if (source === undefined || IN_OTHER_NAMES.has(source) || namesOf(other) === keptNames) continue;
    const message = `GPUs differ between reports: ${namesOf(other)}; kept: ${keptNames}`;
    problems.push({ source, message, line: null });
  }
  return kept;
}

/** The first report that names a design; one that only tells the level or the family lacks what tells more. */
function chooseDesign(facts: readonly Cpu['microarchitecture'][]): Cpu['microarchitecture'] {
  const told = byExactness(facts.filter((fact) => fact !== null));
  return told.find(({ value }) => !isGenericMicroarchitecture(value)) ?? told[0] ?? null;
}

function exactnessOf([first]: readonly Gpu[]): number {
  return first === undefined ? EXACTNESS.length : EXACTNESS.indexOf(first.source);
}

function namesOf(gpus: readonly Gpu[]): string {
  return gpus.map(({ model }) => model).join(', ');
}

function chooseCaches(lists: readonly Cpu['caches'][]): Cpu['caches'] {
  const heads = lists.map((caches) => caches[0]).filter((cache) => cache !== undefined);
  const source = byExactness(heads)[0]?.source;
  return lists.find((caches) => caches[0]?.source === source) ?? [];
}

function distinct(problems: Problems): Problems {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}
