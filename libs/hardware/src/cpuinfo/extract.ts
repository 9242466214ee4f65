import type { Cpu, HardwareFingerprint, IntFact } from '@envarium/schema';
import { microarchitectureOf } from '../archspec.js';
import { derived, reported } from '../facts.js';
import type { HardwareReading } from '../format.js';
import { listed } from '../listed.js';
import { sharedFeatures, type SharedFeatures } from '../shared-features.js';
import { toBlocks, valuesOf, type Cpuinfo } from './blocks.js';
import { DIALECTS, type Dialect } from './dialects.js';

const SOURCE = 'cpuinfo';
/** What every report has: numbered CPUs, in the words of most, of s390, sparc and alpha; m68k has only one. */
const NUMBERED_CPUS =
  /^(?:processor[ \t]*:[ \t]*\d+|# processors[ \t]*:|ncpus active[ \t]*:|cpus detected[ \t]*:|MMU:[ \t]+\S+[ \t]*\r?$)/m;

export function extract(content: string): HardwareReading | null {
  if (!NUMBERED_CPUS.test(content)) return null;
  const info = toBlocks(content);
  const dialect = DIALECTS.find(({ matches }) => matches(info));
  if (dialect === undefined) return null;

  const problems: HardwareFingerprint['problems'] = [];

  function textOf(keys: readonly string[] = []): string | null {
    const key = keys.find((candidate) => valuesOf(info, candidate).length > 0);
    if (key === undefined) return null;
    const values = valuesOf(info, key);
    if (values.length === 1) return values[0] ?? null;
    problems.push({ source: SOURCE, message: `${key} differs between CPUs: ${listed(values)}`, line: null });
    return null;
  }

  function integerOf(keys: readonly string[] = []): number | null {
    const text = textOf(keys);
    return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
  }

  const { keys } = dialect;
  const shared = features(info, dialect);
  problems.push(...shared.problems);
  const architecture = dialect.architecture(info);
  if (architecture === null) {
    const message = 'this report does not say the architecture; add lscpu or uname -m';
    problems.push({ source: SOURCE, message, line: null });
  }
  return {
    architecture: derived(SOURCE, architecture),
    cpu: {
      vendor: reported(SOURCE, textOf(keys.vendor)),
      modelNames: modelNames(info, dialect),
      family: reported(SOURCE, textOf(keys.family)),
      model: reported(SOURCE, textOf(keys.model) ?? machineOfS390(info)),
      stepping: reported(SOURCE, textOf(keys.stepping)),
      microcode: reported(SOURCE, textOf(keys.microcode)),
      features: shared.features,
      logicalCpus: reported(SOURCE, integerOf(keys.logicalCpus)),
      onlineCpus: reported(SOURCE, integerOf(keys.onlineCpus)) ?? countOf(info),
      ...(dialect.id === 'x86' && topology(info)),
      ...(dialect.id === 'arm' && microarchitecture(info, architecture, shared)),
    },
    problems,
  };
}

/** Only CPUs that are on line have a block. */
function countOf({ cpus }: Cpuinfo): IntFact | null {
  return derived(SOURCE, cpus.length === 0 ? null : cpus.length);
}

/** Of several kinds of core the parts are not one fact, but together they name the chip. */
function microarchitecture(info: Cpuinfo, architecture: string | null, { features }: SharedFeatures): Partial<Cpu> {
  const parts = valuesOf(info, 'CPU part');
  if (parts.length < 2) return {};
  const [vendor = null, other] = valuesOf(info, 'CPU implementer');
  const core = { architecture, vendor: other === undefined ? vendor : null, parts, modelNames: [] };
  return { microarchitecture: derived(SOURCE, microarchitectureOf({ ...core, features: features?.value ?? null })) };
}

function modelNames(info: Cpuinfo, { keys }: Dialect): Cpu['modelNames'] {
  for (const key of keys.modelNames ?? []) {
    const names = valuesOf(info, key);
    if (names.length > 0) return reported(SOURCE, names);
  }
  return null;
}

function features(info: Cpuinfo, { keys, featureSeparator = /\s+/ }: Dialect): SharedFeatures {
  const key = keys.features?.find((candidate) => valuesOf(info, candidate).length > 0);
  const lists = key === undefined ? [] : valuesOf(info, key).map((value) => value.split(featureSeparator));
  return sharedFeatures(SOURCE, lists);
}

/** `processor 0: version = FF,  identification = 29AA14,  machine = 2817`; the identification is a serial number. */
function machineOfS390({ shared }: Cpuinfo): string | null {
  for (const [key, value] of shared) {
    if (/^processor \d+$/.test(key)) return /\bmachine = (?<machine>\w+)/.exec(value)?.groups?.['machine'] ?? null;
  }
  return null;
}

/** Sockets are counted only when the blocks of all their CPUs are there: reports are often shortened by hand. */
function topology(info: Cpuinfo): Partial<Cpu> {
  const cores = onlyInteger(info, 'cpu cores');
  const siblings = onlyInteger(info, 'siblings');
  const sockets = valuesOf(info, 'physical id').length;
  const isComplete = siblings !== null && sockets > 0 && siblings * sockets === info.cpus.length;
  const isUniform = cores !== null && siblings !== null && cores > 0 && siblings % cores === 0;
  return {
    sockets: derived(SOURCE, isComplete ? sockets : null),
    coresPerSocket: reported(SOURCE, cores),
    threadsPerCore: derived(SOURCE, isUniform ? siblings / cores : null),
  };
}

function onlyInteger(info: Cpuinfo, key: string): number | null {
  const [value, other] = valuesOf(info, key);
  return value !== undefined && other === undefined && /^\d{1,9}$/.test(value) ? Number(value) : null;
}
