import { readHardwareReport } from '@envarium/hardware';
import type { HardwareFingerprint } from '@envarium/schema';
import { z } from 'zod';
import { compareSets, ok, type Verdict } from './verdict.js';

/** Folders of the corpus that hold hardware reports which are read here. */
export const hardwareFolders: ReadonlySet<string> = new Set(['lscpu', 'lscpu-json', 'cpuinfo', 'nvidia-smi-xml']);

const Expected = z.object({
  error: z.unknown().optional(),
  /** absent: the report of the folder's name; else that of a relative, which is not read */
  kind: z.string().optional(),
  cpus: z.string().nullish(),
  processor_blocks: z.number().nullish(),
  model_name: z.string().nullish(),
  vendor: z.string().nullish(),
  flags: z.array(z.string()).nullish(),
  numa_nodes: z.string().nullish(),
  driver_version: z.string().nullish(),
  cuda_version: z.string().nullish(),
  gpus: z.array(z.object({ product_name: z.string().nullish() })).nullish(),
});
type Expected = z.infer<typeof Expected>;

const READ_KINDS: ReadonlySet<string> = new Set(['/proc/cpuinfo', 'nvidia-smi -q -x']);

/** Compares the facts that the expected result gives: CPU counts, names, flags, GPUs, driver. */
export function compareHardware(bytes: Uint8Array, path: string, expectedJson: unknown): Verdict {
  const expected = Expected.parse(expectedJson);
  const isRead = expected.error === undefined && (expected.kind === undefined || READ_KINDS.has(expected.kind));
  const report = readHardwareReport(bytes, path);
  if (report.outcome === 'not-understood') {
    if (!isRead) return ok;
    const detail = report.line === null ? report.message : `${report.message} line ${report.line}`;
    return { outcome: 'refused', detail, hasInvention: false };
  }
  return compareSets(expectedFacts(expected), actualFacts(report.fingerprint, expected));
}

function expectedFacts(expected: Expected): Set<string> {
  const facts = new Set<string>();
  add(facts, 'cpus', expected.cpus);
  add(facts, 'online', countedBlocks(expected));
  add(facts, 'model', nameOf(expected));
  add(facts, 'numa', expected.numa_nodes);
  add(facts, 'driver', expected.driver_version);
  add(facts, 'cuda', expected.cuda_version);
  for (const flag of expected.flags ?? []) for (const part of extensions(flag)) facts.add(`flag ${part}`);
  for (const [index, gpu] of (expected.gpus ?? []).entries()) add(facts, `gpu ${index}`, gpu.product_name);
  return facts;
}

/** Only the kinds of facts that the expected result has: it is no complete description. */
function actualFacts({ cpu, gpus, gpuDriver, cudaDriverMax }: HardwareFingerprint, expected: Expected): Set<string> {
  const facts = new Set<string>();
  if (expected.cpus) add(facts, 'cpus', cpu?.logicalCpus?.value);
  if (countedBlocks(expected) !== null) add(facts, 'online', cpu?.onlineCpus?.value);
  const expectedName = nameOf(expected);
  if (expectedName !== null) {
    const names = (cpu?.modelNames?.value ?? []).map(squeeze);
    add(facts, 'model', names.includes(expectedName) ? expectedName : names[0]);
  }
  if (expected.numa_nodes) add(facts, 'numa', cpu?.numaNodes?.value);
  if (expected.driver_version) add(facts, 'driver', gpuDriver?.value);
  if (expected.cuda_version) add(facts, 'cuda', cudaDriverMax?.value);
  if (expected.flags && expected.flags.length > 0) {
    for (const feature of cpu?.features?.value ?? []) facts.add(`flag ${feature}`);
  }
  if (expected.gpus) for (const [index, { model }] of gpus.entries()) add(facts, `gpu ${index}`, model);
  return facts;
}

/** A dash stands where the report has no name. */
function nameOf({ model_name: name }: Expected): string | null {
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
