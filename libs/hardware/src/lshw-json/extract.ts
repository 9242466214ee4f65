import type { Cpu, Gpu, HardwareFingerprint } from '@envarium/schema';
import { derived, reported } from '../facts.js';
import { ReportError, type HardwareReading } from '../format.js';
import { computeCapabilityOf } from '../gpu-table.js';
import { listed } from '../listed.js';
import { sharedFeatures } from '../shared-features.js';
import { LshwReport, type LshwNode } from './schema.js';

const SOURCE = 'lshw-json';
/** What only lshw adds to the flags of the kernel: its words for CPUID itself, for WP and for frequency scaling. */
const NO_FLAGS: ReadonlySet<string> = new Set(['fpu_exception', 'wp', 'cpufreq']);

export function extract(content: string): HardwareReading | null {
  // Both keys begin every node, and no other JSON report has them in this order.
  if (!/^\s*(?:\[\s*)?\{\s*"id"\s*:\s*"[^"]{0,300}"\s*,\s*"class"\s*:/.test(content)) return null;
  const read = LshwReport.safeParse(parseJson(content));
  if (!read.success)
    throw new ReportError('JSON that begins like lshw, but has not its shape', null, { cause: read.error });
  const nodes = allNodes(read.data);
  const processors = nodes.filter((node) => node.class === 'processor' && node.disabled !== true);
  if (processors.length === 0 && !nodes.some(({ id, class: kind }) => kind === 'memory' && id === 'memory')) {
    throw new ReportError('lshw JSON without a processor or a memory; take it with lshw -json');
  }
  return readNodes(nodes, processors);
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new ReportError('lshw JSON is broken or cut off', null, { cause: error });
  }
}

function allNodes(roots: readonly LshwNode[]): LshwNode[] {
  const found: LshwNode[] = [];
  const waiting = roots.toReversed();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    found.push(next);
    for (const child of (next.children ?? []).toReversed()) waiting.push(child);
  }
  return found;
}

function readNodes(nodes: readonly LshwNode[], processors: readonly LshwNode[]): HardwareReading {
  const problems: HardwareFingerprint['problems'] = [];
  const memory = nodes.find(({ id, class: kind }) => kind === 'memory' && id === 'memory');
  // lshw knows flags of x86 only; elsewhere the list is empty, or holds what is no flag.
  const isX86 = processors.some(({ capabilities }) => capabilities !== undefined && 'fpu' in capabilities);
  const shared = sharedFeatures(SOURCE, isX86 ? processors.map(flagsOf) : []);
  problems.push(...shared.problems);

  function only(name: string, values: readonly (string | null)[]): string | null {
    const distinct = [...new Set(values.filter((value) => value !== null))];
    if (distinct.length < 2) return distinct[0] ?? null;
    problems.push({ source: SOURCE, message: `${name} differs: ${listed(distinct)}`, line: null });
    return null;
  }

  const models = [...new Set(processors.flatMap(({ product }) => (product === null ? [] : [product])))];
  const features = shared.features === null ? null : derived(SOURCE, shared.features.value);
  const cores = countOf(
    only(
      'cores',
      processors.map((node) => node.configuration?.['cores'] ?? null),
    ),
  );
  const threads = countOf(
    only(
      'threads',
      processors.map((node) => node.configuration?.['threads'] ?? null),
    ),
  );
  const isUniform = cores !== null && threads !== null && cores > 0 && threads % cores === 0;
  const cpu: Partial<Cpu> = {
    vendor: reported(
      SOURCE,
      only(
        'vendor',
        processors.map(({ vendor }) => vendor),
      ),
    ),
    modelNames: models.length === 0 ? null : reported(SOURCE, models),
    features,
    sockets: derived(SOURCE, threads === null ? null : processors.length),
    coresPerSocket: reported(SOURCE, cores),
    threadsPerCore: derived(SOURCE, isUniform ? threads / cores : null),
    logicalCpus: derived(SOURCE, threads === null ? null : threads * processors.length),
    microcode: reported(
      SOURCE,
      only(
        'microcode',
        processors.map((node) => node.configuration?.['microcode'] ?? null),
      ),
    ),
  };
  return {
    architecture: derived(SOURCE, features === null ? null : features.value.includes('lm') ? 'x86_64' : 'i686'),
    ...(processors.length > 0 && { cpu }),
    memoryBytes: reported(SOURCE, memory?.units === 'bytes' ? (memory.size ?? null) : null),
    gpus: nodes.filter(isGpu).map(toGpu),
    problems,
  };
}

/** The kernel's `lm` is called `x86-64` here. */
function flagsOf({ capabilities = {} }: LshwNode): string[] {
  return Object.keys(capabilities)
    .filter((name) => !NO_FLAGS.has(name))
    .map((name) => (name === 'x86-64' ? 'lm' : name));
}

function countOf(text: string | null): number | null {
  return text !== null && /^[1-9]\d{0,5}$/.test(text) ? Number(text) : null;
}

/** A chip that only drives a screen computes nothing that is archived here. */
function isGpu({ class: kind, vendor, product, description }: LshwNode): boolean {
  if (product === null || (kind !== 'display' && kind !== 'generic')) return false;
  if (kind === 'display' && vendor?.startsWith('NVIDIA') === true) return true;
  return /^(?:3D controller|Processing accelerators)$/.test(description ?? '');
}

function toGpu({ product }: LshwNode): Gpu {
  const model = product ?? '';
  return {
    model,
    architecture: null,
    computeCapability: derived(SOURCE, computeCapabilityOf(model)),
    brand: null,
    memoryBytes: null,
    eccEnabled: null,
    migMode: null,
    source: SOURCE,
  };
}
