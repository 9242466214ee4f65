import type { Cpu, HardwareFingerprint, StringFact, StringListFact } from '@envarium/schema';
import { microarchitectureOf } from './archspec.js';
import { derived } from './facts.js';
import type { HardwareReading } from './format.js';
import { isaLevelOf } from './isa-level.js';

const MAX_PROBLEMS = 100;

const UNKNOWN_CPU: Cpu = {
  vendor: null,
  modelNames: null,
  family: null,
  model: null,
  stepping: null,
  features: null,
  isaLevel: null,
  microarchitecture: null,
  logicalCpus: null,
  onlineCpus: null,
  sockets: null,
  coresPerSocket: null,
  threadsPerCore: null,
  numaNodes: null,
  byteOrder: null,
  microcode: null,
  hypervisor: null,
  caches: [],
};

/** Fills what the reading leaves out with "unknown", and computes the ISA level and the microarchitecture. */
export function toFingerprint(reading: HardwareReading): HardwareFingerprint {
  const architecture = reading.architecture ?? null;
  return {
    schemaVersion: 1,
    architecture,
    cpu: reading.cpu === undefined ? null : toCpu(reading.cpu, architecture?.value ?? null),
    gpus: reading.gpus ?? [],
    gpuDriver: reading.gpuDriver ?? null,
    cudaDriverMax: reading.cudaDriverMax ?? null,
    kernel: reading.kernel ?? null,
    operatingSystem: reading.operatingSystem ?? null,
    libc: reading.libc ?? null,
    pageSizeBytes: reading.pageSizeBytes ?? null,
    memoryBytes: reading.memoryBytes ?? null,
    problems: firstProblems(reading.problems ?? []),
  };
}

/** A hostile report can hold a problem on every line. */
function firstProblems(problems: HardwareFingerprint['problems']): HardwareFingerprint['problems'] {
  const next = problems[MAX_PROBLEMS - 1];
  if (next === undefined || problems.length === MAX_PROBLEMS) return problems;
  const message = `${problems.length - MAX_PROBLEMS + 1} more problems`;
  return [...problems.slice(0, MAX_PROBLEMS - 1), { source: next.source, message, line: next.line }];
}

function toCpu(reading: Partial<Cpu>, architecture: string | null): Cpu {
  const cpu = { ...UNKNOWN_CPU, ...reading };
  return {
    ...cpu,
    isaLevel: isaLevelFact(architecture, cpu.features),
    microarchitecture: cpu.microarchitecture ?? microarchitectureFact(architecture, cpu),
  };
}

function isaLevelFact(architecture: string | null, features: StringListFact | null): Cpu['isaLevel'] {
  return features === null ? null : derived(features.source, isaLevelOf(architecture, features.value));
}

function microarchitectureFact(architecture: string | null, cpu: Cpu): StringFact | null {
  const { vendor, features, model, modelNames } = cpu;
  const source = features?.source ?? modelNames?.source;
  if (source === undefined) return null;
  const name = microarchitectureOf({
    architecture,
    vendor: vendor?.value ?? null,
    features: features?.value ?? null,
    parts: model === null ? [] : [model.value],
    modelNames: modelNames?.value ?? [],
  });
  return derived(source, name);
}
