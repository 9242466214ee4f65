import type { Gpu, HardwareFingerprint } from '@envarium/schema';
import { derived } from './facts.js';
import { computeCapabilityOf } from './gpu-table.js';
import { isaLevelOf } from './isa-level.js';
import { toKernelArchitecture } from './platform.js';

/** What someone can say of a machine without a report. Architecture in the kernel's spelling or in that of OCI. */
export interface StatedMachine {
  readonly architecture: string;
  /** `x86-64-v3`, or `v3` as in an OCI variant. */
  readonly isaLevel?: string;
  readonly features?: readonly string[];
  readonly gpuDriver?: string;
  /** Product name, as nvidia-smi writes it. */
  readonly gpu?: string;
  /** `uname -r` */
  readonly kernel?: string;
}

/** A machine as far as it matters for fit, whichever way it was described. Null is unknown. */
export interface Machine {
  /** As given, for messages. */
  readonly name: string | null;
  /** Kernel spelling. */
  readonly architecture: string | null;
  readonly isaLevel: string | null;
  readonly features: ReadonlySet<string> | null;
  /** Names one design of core. */
  readonly coreDesign: string | null;
  readonly onlineCpus: number | null;
  /** Empty when no report shows one, which is not the same as there being none. */
  readonly gpus: readonly Gpu[];
  readonly gpuDriver: string | null;
  /** Highest CUDA that the driver takes. */
  readonly cudaDriverMax: string | null;
  readonly microarchitecture: string | null;
  readonly operatingSystem: string | null;
  readonly kernel: string | null;
  readonly libc: string | null;
}

export function toMachine(described: StatedMachine | HardwareFingerprint): Machine {
  return 'schemaVersion' in described ? fromFingerprint(described) : fromStatement(described);
}

function fromStatement({ architecture: name, isaLevel, features, gpuDriver, gpu, kernel }: StatedMachine): Machine {
  const architecture = toKernelArchitecture(name);
  return {
    name,
    architecture,
    isaLevel: isaLevel !== undefined ? toIsaLevel(isaLevel) : isaLevelOf(architecture, features ?? []),
    features: features === undefined ? null : new Set(features),
    coreDesign: null,
    onlineCpus: null,
    gpus: gpu === undefined ? [] : [statedGpu(gpu)],
    gpuDriver: gpuDriver ?? null,
    cudaDriverMax: null,
    microarchitecture: null,
    // Images are for Linux, and so is the question.
    operatingSystem: 'Linux',
    kernel: kernel ?? null,
    libc: null,
  };
}

function toIsaLevel(stated: string): string | null {
  const version = /^(?:x86-64-)?(?<version>v[1-4])$/.exec(stated)?.groups?.['version'];
  return version === undefined ? null : `x86-64-${version}`;
}

function statedGpu(model: string): Gpu {
  return {
    model,
    architecture: null,
    computeCapability: derived('node-os', computeCapabilityOf(model)),
    brand: null,
    memoryBytes: null,
    eccEnabled: null,
    migMode: null,
    source: 'node-os',
  };
}

function fromFingerprint(fingerprint: HardwareFingerprint): Machine {
  const { architecture, cpu, gpus, gpuDriver, cudaDriverMax, operatingSystem, kernel, libc } = fingerprint;
  const features = cpu?.features?.value;
  return {
    name: architecture?.value ?? null,
    architecture: architecture?.value ?? null,
    isaLevel: cpu?.isaLevel?.value ?? null,
    features: features === undefined ? null : new Set(features),
    coreDesign: coreDesignOf(cpu),
    onlineCpus: cpu?.onlineCpus?.value ?? null,
    gpus,
    gpuDriver: gpuDriver?.value ?? null,
    cudaDriverMax: cudaDriverMax?.value ?? null,
    microarchitecture: cpu?.microarchitecture?.value ?? null,
    operatingSystem: operatingSystem?.value ?? null,
    kernel: kernel?.value ?? null,
    libc: libc?.value ?? null,
  };
}

/** On x86 the numbers tell designs apart and the marketing name does not; elsewhere the name is the design's. */
function coreDesignOf(cpu: HardwareFingerprint['cpu']): string | null {
  if (cpu === null) return null;
  const { vendor, family, model, modelNames } = cpu;
  if (vendor?.value === 'GenuineIntel' || vendor?.value === 'AuthenticAMD') {
    return family === null || model === null ? null : `${vendor.value} family ${family.value} model ${model.value}`;
  }
  return modelNames?.value.toSorted().join(', ') ?? null;
}
