import type { Cpu, HardwareFingerprint, HardwareSource } from '@envarium/schema';
import { countCpuList } from '../cpu-list.js';
import { derived, reported } from '../facts.js';
import type { HardwareReading } from '../format.js';
import { listed } from '../listed.js';
import { sharedFeatures } from '../shared-features.js';
import { parseCacheSize } from './cache-size.js';

/** One `label: value` of lscpu, in text and in JSON. */
export interface LscpuField {
  readonly label: string;
  readonly value: string;
  /** Starts at 1; null in JSON. */
  readonly line: number | null;
  /** The terminal broke the value over several lines, anywhere, also within a word. */
  readonly isWrapped: boolean;
}

/** Labels are untranslated and without colon. Repeated labels are the blocks of a CPU with several kinds of core. */
export function readLscpuFields(fields: readonly LscpuField[], source: HardwareSource): HardwareReading {
  const problems: HardwareFingerprint['problems'] = [];
  const byLabel = new Map<string, LscpuField[]>();
  for (const field of fields) {
    if (field.value === '' || field.value === '-') continue;
    const repeated = byLabel.get(field.label);
    if (repeated === undefined) byLabel.set(field.label, [field]);
    else repeated.push(field);
  }

  function valuesOf(label: string): string[] {
    return [...new Set(byLabel.get(label)?.map(({ value }) => value))];
  }

  function textOf(...labels: string[]): string | null {
    for (const label of labels) {
      const values = valuesOf(label);
      if (values.length > 1) {
        const message = `${label} differs between kinds of core: ${listed(values)}`;
        problems.push({ source, message, line: byLabel.get(label)?.[0]?.line ?? null });
        return null;
      }
      if (values[0] !== undefined) return values[0];
    }
    return null;
  }

  function integerOf(...labels: string[]): number | null {
    const text = textOf(...labels);
    if (text === null) return null;
    if (/^\d{1,9}$/.test(text)) return Number(text);
    problems.push({ source, message: `${labels[0]} is not a number: ${text}`, line: null });
    return null;
  }

  function featuresOf(...labels: string[]): Cpu['features'] {
    const blocks = labels.flatMap((label) => byLabel.get(label) ?? []);
    const wrapped = blocks.find(({ isWrapped }) => isWrapped);
    if (wrapped !== undefined) {
      const message = `${wrapped.label} is broken by the terminal, perhaps within a word; take the report with lscpu | cat`;
      problems.push({ source, message, line: wrapped.line });
      return null;
    }
    const shared = sharedFeatures(
      source,
      blocks.map(({ value }) => value.split(/\s+/)),
    );
    problems.push(...shared.problems);
    return shared.features;
  }

  function caches(): Cpu['caches'] {
    const found: Cpu['caches'] = [];
    for (const { label, value, line } of [...byLabel.values()].flat()) {
      const name = /^(?<name>L\d[a-z]?)(?: cache)?$/.exec(label)?.groups?.['name'];
      if (name === undefined) continue;
      const size = parseCacheSize(value);
      if (size.sumBytes !== null) {
        found.push({ name, sizeBytes: size.sumBytes, instances: size.instances, source });
      } else {
        problems.push({ source, message: `${name} cache ${value}: ${size.reason}`, line });
      }
    }
    return found;
  }

  const modelNames = valuesOf('Model name');
  const online = textOf('On-line CPU(s) list');
  return {
    architecture: reported(source, textOf('Architecture')),
    operatingSystem: derived(source, 'Linux'),
    cpu: {
      vendor: reported(source, textOf('Vendor ID')),
      modelNames: modelNames.length === 0 ? null : reported(source, modelNames),
      family: reported(source, textOf('CPU family')),
      model: reported(source, textOf('Model', 'Machine type')),
      stepping: reported(source, textOf('Stepping')),
      features: featuresOf('Flags', 'ISA'),
      logicalCpus: reported(source, integerOf('CPU(s)')),
      onlineCpus: online === null ? null : derived(source, countCpuList(online)),
      sockets: reported(source, integerOf('Socket(s)', 'CPU socket(s)')),
      coresPerSocket: reported(source, integerOf('Core(s) per socket')),
      threadsPerCore: reported(source, integerOf('Thread(s) per core')),
      numaNodes: reported(source, integerOf('NUMA node(s)')),
      byteOrder: reported(source, textOf('Byte Order')),
      microcode: reported(source, textOf('Microcode version')),
      hypervisor: reported(source, textOf('Hypervisor vendor')),
      caches: caches(),
    },
    problems,
  };
}
