import type { Cpu } from '@envarium/schema';
import { microarchitectureOf } from '../archspec.js';
import { derived, type Fact, reported } from '../facts.js';
import type { HardwareReading } from '../format.js';
import { splitLabel } from '../labelled-line.js';
import { appleFeatures, intelFeatures } from './darwin-features.js';

const SOURCE = 'sysctl';
const BRAND = 'machdep.cpu.brand_string';

/** `key: value` of `sysctl hw machdep.cpu` on macOS; other systems have no brand string of this name. */
export function extract(content: string): HardwareReading | null {
  const values = toValues(content);
  const brand = values.get(BRAND);
  if (brand === undefined || brand === '') return null;
  const isApple = brand.startsWith('Apple ');
  const architecture = isApple ? 'aarch64' : 'x86_64';
  const features = isApple ? appleFeatures(values) : intelFeatures(values);
  const vendor = values.get('machdep.cpu.vendor') ?? (isApple ? 'Apple' : null);
  const microarchitecture = microarchitectureOf({
    architecture,
    vendor,
    features: [...features.shown, ...features.implied],
    parts: [],
    modelNames: [brand],
  });

  function text(key: string): Fact<string> | null {
    const value = values.get(key);
    return reported(SOURCE, value === undefined || value === '' ? null : value);
  }

  function integer(...keys: readonly string[]): Fact<number> | null {
    const value = keys.map((key) => values.get(key)).find((each) => each !== undefined);
    return reported(SOURCE, value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : null);
  }

  const cpu: Partial<Cpu> = {
    vendor: isApple ? derived(SOURCE, 'Apple') : text('machdep.cpu.vendor'),
    modelNames: reported(SOURCE, [brand]),
    // The family of an Apple chip is a hash of its name.
    family: isApple ? null : text('machdep.cpu.family'),
    model: isApple ? null : text('machdep.cpu.model'),
    stepping: isApple ? null : text('machdep.cpu.stepping'),
    microcode: text('machdep.cpu.microcode_version'),
    features: derived(SOURCE, features.shown.length === 0 ? null : features.shown),
    microarchitecture: derived(SOURCE, microarchitecture),
    logicalCpus: integer('hw.logicalcpu_max', 'machdep.cpu.thread_count'),
    onlineCpus: integer('hw.activecpu', 'hw.logicalcpu'),
    sockets: integer('hw.packages'),
    coresPerSocket: coresPerSocket(values),
    threadsPerCore: threadsPerCore(values),
    byteOrder: values.get('hw.byteorder') === '1234' ? derived(SOURCE, 'Little Endian') : null,
  };
  return {
    architecture: derived(SOURCE, architecture),
    operatingSystem: derived(SOURCE, 'Darwin'),
    kernel: text('kern.osrelease'),
    memoryBytes: integer('hw.memsize'),
    pageSizeBytes: integer('hw.pagesize'),
    cpu,
  };
}

/** Of a repeated key the first value stays. */
function toValues(content: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of content.split(/\r?\n/)) {
    const field = splitLabel(line);
    if (field !== null && /^[a-z]\w*(?:\.\w+)+$/i.test(field.label) && !values.has(field.label)) {
      values.set(field.label, field.value);
    }
  }
  return values;
}

/** `machdep.cpu.cores_per_package` is the room for cores in the numbering of a package, not what is there. */
function coresPerSocket(values: ReadonlyMap<string, string>): Fact<number> | null {
  const cores = Number(values.get('hw.physicalcpu_max') ?? values.get('machdep.cpu.core_count'));
  const packages = Number(values.get('hw.packages'));
  return derived(SOURCE, cores > 0 && packages > 0 && cores % packages === 0 ? cores / packages : null);
}

function threadsPerCore(values: ReadonlyMap<string, string>): Fact<number> | null {
  const cores = Number(values.get('hw.physicalcpu_max') ?? values.get('machdep.cpu.core_count'));
  const threads = Number(values.get('hw.logicalcpu_max') ?? values.get('machdep.cpu.thread_count'));
  return derived(SOURCE, cores > 0 && threads > 0 && threads % cores === 0 ? threads / cores : null);
}
