import { valuesOf, type Cpuinfo } from './blocks.js';

/** Each architecture's kernel code writes its own keys (`show_cpuinfo` in arch/). */
export interface Dialect {
  readonly id: string;
  readonly matches: (info: Cpuinfo) => boolean;
  /** Kernel spelling; null when the report leaves it open. */
  readonly architecture: (info: Cpuinfo) => string | null;
  /** Keys by fact; the first key that is there counts. */
  readonly keys: {
    readonly vendor?: readonly string[];
    readonly modelNames?: readonly string[];
    readonly family?: readonly string[];
    readonly model?: readonly string[];
    readonly stepping?: readonly string[];
    readonly microcode?: readonly string[];
    readonly features?: readonly string[];
    readonly logicalCpus?: readonly string[];
    readonly onlineCpus?: readonly string[];
  };
  readonly featureSeparator?: RegExp;
}

export const DIALECTS: readonly Dialect[] = [
  {
    id: 'x86',
    matches: (info) => has(info, 'flags') && (has(info, 'vendor_id') || has(info, 'cpu family')),
    architecture: (info) => (words(info, 'flags').has('lm') ? 'x86_64' : 'i686'),
    keys: {
      vendor: ['vendor_id'],
      modelNames: ['model name'],
      family: ['cpu family'],
      model: ['model'],
      stepping: ['stepping'],
      microcode: ['microcode'],
      features: ['flags'],
    },
  },
  {
    id: 'arm',
    matches: (info) => has(info, 'CPU implementer') || /^(?:ARM|AArch64)/.test(first(info, 'Processor') ?? ''),
    architecture: armArchitecture,
    keys: {
      vendor: ['CPU implementer'],
      modelNames: ['model name', 'Processor'],
      family: ['CPU architecture'],
      model: ['CPU part'],
      stepping: ['CPU revision'],
      features: ['Features'],
    },
  },
  {
    id: 's390',
    matches: (info) => first(info, 'vendor_id') === 'IBM/S390',
    architecture: (info) => (words(info, 'features').has('zarch') ? 's390x' : null),
    keys: { vendor: ['vendor_id'], features: ['features'], onlineCpus: ['# processors'] },
  },
  {
    id: 'riscv',
    matches: (info) => /^rv\d/.test(first(info, 'isa') ?? ''),
    architecture: (info) => (first(info, 'isa')?.startsWith('rv64') ? 'riscv64' : 'riscv32'),
    keys: {
      vendor: ['mvendorid'],
      modelNames: ['model name', 'uarch'],
      family: ['marchid'],
      model: ['mimpid'],
      features: ['isa'],
    },
    featureSeparator: /_/,
  },
  {
    id: 'loongarch',
    matches: (info) => words(info, 'ISA').has('loongarch64'),
    architecture: () => 'loongarch64',
    keys: {
      modelNames: ['Model Name'],
      family: ['CPU Family'],
      stepping: ['CPU Revision'],
      features: ['Features'],
    },
  },
  {
    id: 'ia64',
    matches: (info) => first(info, 'arch')?.startsWith('IA-64') ?? false,
    architecture: () => 'ia64',
    keys: {
      vendor: ['vendor'],
      family: ['family'],
      model: ['model'],
      stepping: ['revision'],
      features: ['features'],
    },
  },
  {
    id: 'sparc',
    matches: (info) => has(info, 'ncpus active'),
    architecture: (info) => (/^sun4[uv]$/.test(first(info, 'type') ?? '') ? 'sparc64' : 'sparc'),
    keys: {
      modelNames: ['cpu'],
      features: ['cpucaps'],
      logicalCpus: ['ncpus probed'],
      onlineCpus: ['ncpus active'],
    },
    featureSeparator: /,\s*/,
  },
  {
    id: 'alpha',
    matches: (info) => first(info, 'cpu') === 'Alpha',
    architecture: () => 'alpha',
    keys: {
      modelNames: ['cpu model'],
      model: ['cpu variation'],
      stepping: ['cpu revision'],
      logicalCpus: ['cpus detected'],
      onlineCpus: ['cpus active'],
    },
  },
  {
    id: 'parisc',
    matches: (info) => first(info, 'cpu family')?.startsWith('PA-RISC') ?? false,
    architecture: (info) => (words(info, 'capabilities').has('os64') ? 'parisc64' : 'parisc'),
    keys: { modelNames: ['cpu'], family: ['cpu family'], features: ['capabilities'] },
    featureSeparator: /\s+(?:\(0x[0-9a-f]+\))?/i,
  },
  {
    id: 'sh',
    matches: (info) => /^sh\d/.test(first(info, 'cpu family') ?? ''),
    architecture: (info) => first(info, 'cpu family'),
    keys: { modelNames: ['cpu type'], family: ['cpu family'], stepping: ['cut'], features: ['cpu flags'] },
  },
  {
    id: 'm68k',
    matches: (info) => /^68\d{3}/.test(first(info, 'CPU') ?? '') && has(info, 'FPU'),
    architecture: () => 'm68k',
    keys: { modelNames: ['CPU'] },
  },
  {
    id: 'openrisc',
    matches: (info) => /^OpenRISC/i.test(first(info, 'cpu architecture') ?? ''),
    architecture: () => 'openrisc',
    keys: { family: ['cpu architecture'], features: ['features'] },
  },
  {
    id: 'mips',
    matches: (info) => has(info, 'cpu model') && has(info, 'system type'),
    architecture: () => null,
    keys: { modelNames: ['cpu model'], features: ['ASEs implemented'] },
  },
  {
    // `model` and `machine` are those of the computer, not of its CPU.
    id: 'power',
    matches: (info) => has(info, 'cpu') && has(info, 'revision'),
    architecture: () => null,
    keys: { modelNames: ['cpu'], model: ['revision'] },
  },
];

function armArchitecture(info: Cpuinfo): string | null {
  const version = first(info, 'CPU architecture');
  if (words(info, 'Features').has('asimd') || version === 'AArch64') return 'aarch64';
  return version !== null && /^\d/.test(version) ? `armv${version.charAt(0)}l` : null;
}

function has(info: Cpuinfo, key: string): boolean {
  return valuesOf(info, key).length > 0;
}

function first(info: Cpuinfo, key: string): string | null {
  return valuesOf(info, key)[0] ?? null;
}

function words(info: Cpuinfo, key: string): ReadonlySet<string> {
  return new Set(first(info, key)?.split(/\s+/));
}
