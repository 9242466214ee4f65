import { z } from 'zod';

/**
 * What the machine was. Every value says how it was learned, so that a reader can weigh it. Fields that name a person or
 * a single machine (serial numbers, UUIDs, MAC addresses, host names) and fields that only make noise (clocks,
 * temperatures, processes) are never kept here.
 */

export const HardwareSource = z
  .enum([
    'lscpu',
    'lscpu-json',
    'cpuinfo',
    'sysctl',
    'cpuid',
    'nvidia-smi-xml',
    'nvidia-smi-q',
    'nvidia-smi-table',
    'lshw-json',
    'hwloc-xml',
    'node-os',
  ])
  .describe('the report a fact was read from')
  .meta({ id: 'HardwareSource' });
export type HardwareSource = z.infer<typeof HardwareSource>;

export const HowLearned = z
  .enum(['reported', 'derived'])
  .describe('reported: stands in the report; derived: computed from what stands there')
  .meta({ id: 'HowLearned' });
export type HowLearned = z.infer<typeof HowLearned>;

const fact = <T extends z.ZodType>(value: T) => z.object({ value, source: HardwareSource, learned: HowLearned });

export const StringFact = fact(z.string()).meta({ id: 'StringFact' });
export type StringFact = z.infer<typeof StringFact>;
export const IntFact = fact(z.number().int()).meta({ id: 'IntFact' });
export type IntFact = z.infer<typeof IntFact>;
export const StringListFact = fact(z.array(z.string())).meta({ id: 'StringListFact' });
export type StringListFact = z.infer<typeof StringListFact>;

export const CpuCache = z
  .object({
    name: z.string().describe('L1d, L1i, L2, L3'),
    sizeBytes: z.number().int().describe('sum over all instances'),
    instances: z.number().int().nullable(),
    source: HardwareSource,
  })
  .meta({ id: 'CpuCache' });

export const Cpu = z
  .object({
    vendor: StringFact.nullable(),
    modelNames: StringListFact.nullable().describe('one entry per kind of core; display only'),
    family: StringFact.nullable(),
    model: StringFact.nullable(),
    stepping: StringFact.nullable(),
    features: StringListFact.nullable().describe('flags as the kernel spells them, sorted'),
    isaLevel: StringFact.nullable().describe('x86-64-v1 .. v4 after the psABI, computed from the flags'),
    microarchitecture: StringFact.nullable()
      .default(null)
      .describe(
        'as archspec names it, computed from the flags: zen3, skylake_avx512, neoverse_v1; compare by features',
      ),
    logicalCpus: IntFact.nullable().describe('CPUs the system knows'),
    onlineCpus: IntFact.nullable().describe('CPUs in use'),
    sockets: IntFact.nullable(),
    coresPerSocket: IntFact.nullable(),
    threadsPerCore: IntFact.nullable(),
    numaNodes: IntFact.nullable(),
    byteOrder: StringFact.nullable(),
    microcode: StringFact.nullable(),
    hypervisor: StringFact.nullable().describe('vendor of the hypervisor when the report shows one'),
    caches: z.array(CpuCache),
  })
  .meta({ id: 'Cpu' });
export type Cpu = z.infer<typeof Cpu>;

export const Gpu = z
  .object({
    model: z.string(),
    architecture: z.string().nullable().describe('Ampere, Hopper, ... as reported'),
    computeCapability: StringFact.nullable()
      .default(null)
      .describe('8.0, 9.0, ... of CUDA; reports do not give it, so it comes from a table by product name'),
    brand: z.string().nullable(),
    memoryBytes: z.number().int().nullable(),
    eccEnabled: z.boolean().nullable(),
    migMode: z.string().nullable(),
    source: HardwareSource,
  })
  .meta({ id: 'Gpu' });
export type Gpu = z.infer<typeof Gpu>;

export const HardwareFingerprint = z
  .object({
    schemaVersion: z.literal(1),
    architecture: StringFact.nullable().describe('kernel spelling: x86_64, aarch64, ppc64le, s390x, riscv64, ...'),
    cpu: Cpu.nullable(),
    gpus: z.array(Gpu),
    gpuDriver: StringFact.nullable(),
    cudaDriverMax: StringFact.nullable().describe('highest CUDA the driver supports, NOT the toolkit that was used'),
    kernel: StringFact.nullable(),
    operatingSystem: StringFact.nullable().default(null).describe('Linux, Darwin, Windows'),
    libc: StringFact.nullable().default(null).describe('of the host, as in glibc 2.36; a container brings its own'),
    pageSizeBytes: IntFact.nullable().default(null),
    memoryBytes: IntFact.nullable(),
    problems: z.array(z.object({ source: HardwareSource, message: z.string(), line: z.number().int().nullable() })),
  })
  .meta({ id: 'HardwareFingerprint' });
export type HardwareFingerprint = z.infer<typeof HardwareFingerprint>;
