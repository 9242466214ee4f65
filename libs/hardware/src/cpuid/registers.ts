import { ReportError } from '../format.js';

/** What a kernel for large machines takes at most (NR_CPUS of x86). */
const MAX_CPUS = 8192;

export const REGISTERS = ['eax', 'ebx', 'ecx', 'edx'] as const;
export type Registers = Readonly<Record<(typeof REGISTERS)[number], number>>;
/** By `leaf/subleaf`, in decimal. */
export type Leaves = ReadonlyMap<string, Registers>;

/** `   0x00000007 0x00: eax=0x00000002 ebx=0x219c05a9 ecx=0x18c05fce edx=0xfc100510` of `cpuid -r` */
const HEXADECIMAL =
  /^\s*0x(?<leaf>[0-9a-f]{8}) 0x(?<subleaf>[0-9a-f]{2}): eax=0x(?<eax>[0-9a-f]{8}) ebx=0x(?<ebx>[0-9a-f]{8}) ecx=0x(?<ecx>[0-9a-f]{8}) edx=0x(?<edx>[0-9a-f]{8})\s*$/i;
/** `7, 0, 2, 4089423851, 415268830, 4228908816`: leaf, subleaf and registers, as archspec keeps them. */
const DECIMAL =
  /^\s*(?<leaf>\d{1,10}), ?(?<subleaf>\d{1,10}), ?(?<eax>\d{1,10}), ?(?<ebx>\d{1,10}), ?(?<ecx>\d{1,10}), ?(?<edx>\d{1,10})\s*$/;

export interface CpuidDump {
  /** One map for each CPU of the dump. */
  readonly cpus: readonly Leaves[];
  /** The dump is said to be of all CPUs, one after the other. */
  readonly isNumbered: boolean;
}

/** Lines of other forms are passed over; of a repeated leaf the first stays. */
export function toLeaves(content: string): CpuidDump {
  const cpus: Map<string, Registers>[] = [];
  let isNumbered = false;
  for (const line of content.split(/\r?\n/)) {
    if (line.length > 200) continue;
    if (/^CPU \d{1,6}:\s*$/.test(line)) {
      if (cpus.length === MAX_CPUS) throw new ReportError(`a dump of more than ${MAX_CPUS} CPUs`);
      cpus.push(new Map());
      isNumbered = true;
      continue;
    }
    const hexadecimal = HEXADECIMAL.exec(line)?.groups;
    const fields = hexadecimal ?? DECIMAL.exec(line)?.groups;
    if (fields === undefined) continue;
    const radix = hexadecimal === undefined ? 10 : 16;
    const numberOf = (name: string) => Number.parseInt(fields[name] ?? '', radix);
    const key = leafKey(numberOf('leaf'), numberOf('subleaf'));
    const current = cpus.at(-1) ?? new Map<string, Registers>();
    if (cpus.length === 0) cpus.push(current);
    if (current.has(key)) continue;
    current.set(key, { eax: numberOf('eax'), ebx: numberOf('ebx'), ecx: numberOf('ecx'), edx: numberOf('edx') });
  }
  return { cpus, isNumbered };
}

export function leafKey(leaf: number, subleaf: number): string {
  return `${leaf}/${subleaf}`;
}

/** Registers as the text that CPUID writes into them, four characters each. */
export function toText(registers: readonly number[]): string {
  const bytes = registers.flatMap((value) => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff));
  return String.fromCharCode(...bytes)
    .replaceAll('\0', '')
    .trim();
}
