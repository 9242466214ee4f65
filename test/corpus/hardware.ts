import { mergeFingerprints, readHardwareReport } from '@envarium/hardware';
import type { HardwareFingerprint } from '@envarium/schema';
import { z } from 'zod';
import { compareSets, ok, type Verdict } from './verdict.js';

/** Folders of the corpus that hold hardware reports which are read here. */
export const hardwareFolders: ReadonlySet<string> = new Set([
  'lscpu',
  'lscpu-json',
  'cpuinfo',
  'nvidia-smi-xml',
  'nvidia-smi-q',
  'lshw-json',
  'hwloc-xml',
]);

const Name = z.string().nullish();

const Expected = z.object({
  error: z.unknown().optional(),
  cpus: z.string().nullish(),
  processor_blocks: z.number().nullish(),
  model_name: z.string().nullish(),
  vendor: z.string().nullish(),
  flags: z.array(z.string()).nullish(),
  numa_nodes: z.string().nullish(),
  driver_version: z.string().nullish(),
  cuda_version: z.string().nullish(),
  gpus: z
    .array(z.object({ product_name: Name, 'Product Name': Name, name: Name, 'FB Memory Usage/Total': Name }))
    .nullish(),
  microarchitecture: Name,
  brand: Name,
  object_counts: z.record(z.string(), z.number()).nullish(),
  infos: z.record(z.string(), z.array(z.string())).nullish(),
  processors: z
    .array(z.object({ product: Name, cores: Name, threads: Name, capabilities: z.array(z.string()) }))
    .nullish(),
  memory: z.array(z.object({ size: z.number().nullish() })).nullish(),
});
type Expected = z.infer<typeof Expected>;

/** Compares the facts that the expected result gives: CPU counts, names, flags, caches, GPUs, driver. */
export function compareHardware(bytes: Uint8Array, path: string, expectedJson: unknown): Verdict {
  const expected = Expected.parse(expectedJson);
  const report = readHardwareReport(bytes, path);
  if (report.outcome === 'not-understood') {
    if (expected.error !== undefined) return ok;
    const detail = report.line === null ? report.message : `${report.message} line ${report.line}`;
    return { outcome: 'refused', detail, hasInvention: false };
  }
  const fingerprint = mergeFingerprints([report.fingerprint, ...machineOf(expected)]);
  return compareSets(expectedFacts(expected), actualFacts(fingerprint, expected));
}

/** POWER does not tell its byte order in cpuinfo; archspec asks the kernel, and so do we with a second report. */
function machineOf({ microarchitecture: name }: Expected): HardwareFingerprint[] {
  if (!name?.startsWith('power')) return [];
  const lscpu = `Architecture: ${name.endsWith('le') ? 'ppc64le' : 'ppc64'}\nCPU(s): 1\nByte Order: -\nThread(s) per core: 1\n`;
  const report = readHardwareReport(Buffer.from(lscpu), 'lscpu');
  return report.outcome === 'understood' ? [report.fingerprint] : [];
}

function expectedFacts(expected: Expected): Set<string> {
  const facts = new Set<string>();
  add(facts, 'cpus', expected.cpus);
  add(facts, 'online', countedBlocks(expected) ?? expected.object_counts?.['PU']);
  add(facts, 'model', nameOf(expected));
  add(facts, 'numa', expected.numa_nodes ?? nodesOf(expected));
  add(facts, 'driver', expected.driver_version);
  add(facts, 'cuda', expected.cuda_version);
  add(facts, 'microarchitecture', expected.microarchitecture);
  add(facts, 'memory', expected.memory?.[0]?.size);
  const counts = expected.object_counts;
  add(facts, 'sockets', counts?.['Package']);
  for (const [type, name] of CACHES) add(facts, `cache ${name}`, counts?.[type]);
  for (const [info, fact] of INFOS) add(facts, fact, expected.infos?.[info]?.[0]);
  for (const flag of expected.flags ?? []) for (const part of extensions(flag)) facts.add(`flag ${part}`);
  for (const [index, gpu] of (expected.gpus ?? []).entries()) {
    add(facts, `gpu ${index}`, gpu.product_name ?? gpu['Product Name'] ?? gpu.name);
    add(facts, `gpu memory ${index}`, gpu['FB Memory Usage/Total']);
  }
  const [processor] = expected.processors ?? [];
  add(facts, 'cores', processor?.cores);
  add(facts, 'cpus', processor?.threads);
  for (const flag of processor?.capabilities ?? []) {
    if (!LSHW_WORDS.has(flag)) facts.add(`flag ${flag === 'x86-64' ? 'lm' : flag}`);
  }
  return facts;
}

/** Only the kinds of facts that the expected result has: it is no complete description. */
function actualFacts(fingerprint: HardwareFingerprint, expected: Expected): Set<string> {
  const { architecture, cpu, gpus, gpuDriver, cudaDriverMax, operatingSystem, memoryBytes } = fingerprint;
  const facts = new Set<string>();
  const counts = expected.object_counts;
  if (expected.cpus || expected.processors?.[0]?.threads) add(facts, 'cpus', cpu?.logicalCpus?.value);
  if (countedBlocks(expected) !== null || counts) add(facts, 'online', cpu?.onlineCpus?.value);
  const expectedName = nameOf(expected);
  if (expectedName !== null) {
    const names = (cpu?.modelNames?.value ?? []).map(squeeze);
    add(facts, 'model', names.includes(expectedName) ? expectedName : names[0]);
  }
  if (expected.numa_nodes || counts) add(facts, 'numa', cpu?.numaNodes?.value);
  if (expected.driver_version) add(facts, 'driver', gpuDriver?.value);
  if (expected.cuda_version) add(facts, 'cuda', cudaDriverMax?.value);
  if (expected.microarchitecture) add(facts, 'microarchitecture', cpu?.microarchitecture?.value);
  if (expected.memory) add(facts, 'memory', memoryBytes?.value);
  if (expected.processors) add(facts, 'cores', cpu?.coresPerSocket?.value);
  if (counts) {
    add(facts, 'sockets', cpu?.sockets?.value);
    // Format 1 writes one type for all caches; which is which is not in the expected result.
    if (counts['Cache'] === undefined)
      for (const { name, instances } of cpu?.caches ?? []) add(facts, `cache ${name}`, instances);
  }
  const infos = {
    Architecture: architecture?.value,
    OSName: operatingSystem?.value,
    CPUVendor: cpu?.vendor?.value,
    CPUFamilyNumber: cpu?.family?.value,
    CPUModelNumber: cpu?.model?.value,
    CPUModel: cpu?.modelNames?.value[0],
    CPUStepping: cpu?.stepping?.value,
    GPUModel: gpus[0]?.model,
  };
  for (const [info, fact] of INFOS) if (expected.infos?.[info]) add(facts, fact, infos[info]);
  if ((expected.flags && expected.flags.length > 0) || expected.processors) {
    for (const feature of cpu?.features?.value ?? []) facts.add(`flag ${feature}`);
  }
  for (const [index, { model, memoryBytes: bytes }] of gpus.entries()) {
    if (expected.gpus) add(facts, `gpu ${index}`, model);
    if (expected.gpus?.[index]?.['FB Memory Usage/Total'])
      add(facts, `gpu memory ${index}`, `${(bytes ?? 0) / 2 ** 20} MiB`);
  }
  return facts;
}

const CACHES = [
  ['L1Cache', 'L1d'],
  ['L1iCache', 'L1i'],
  ['L2Cache', 'L2'],
  ['L3Cache', 'L3'],
] as const;
const INFOS = [
  ['Architecture', 'architecture'],
  ['OSName', 'system'],
  ['CPUVendor', 'vendor'],
  ['CPUFamilyNumber', 'family'],
  ['CPUModelNumber', 'model number'],
  ['CPUModel', 'name'],
  ['CPUStepping', 'stepping'],
  ['GPUModel', 'first gpu'],
] as const;
/** What lshw adds to the flags of the kernel. */
const LSHW_WORDS: ReadonlySet<string> = new Set(['fpu_exception', 'wp', 'cpufreq']);

/** hwloc 1 leaves the only node of a machine out. */
function nodesOf({ object_counts: counts }: Expected): number | null {
  return counts ? (counts['NUMANode'] ?? 1) : null;
}

/** A dash stands where the report has no name. */
function nameOf({ model_name, brand, processors }: Expected): string | null {
  const name = model_name ?? brand ?? processors?.[0]?.product;
  return name && name !== '-' ? squeeze(name) : null;
}

/** RISC-V writes its extensions as one word. */
function extensions(flag: string): string[] {
  return /^rv(?:32|64)/.test(flag) ? flag.split('_') : [flag];
}

/** One block may be all that a sample was cut down to; more are the CPUs in use. */
function countedBlocks({ processor_blocks: blocks }: Expected): number | null {
  return blocks === undefined || blocks === null || blocks < 2 ? null : blocks;
}

function add(facts: Set<string>, kind: string, value: string | number | null | undefined): void {
  if (value !== null && value !== undefined) facts.add(`${kind} ${squeeze(String(value))}`);
}

/** Vendors fill names with blanks. */
function squeeze(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
