import { derived } from '../facts.js';
import { ReportError, type HardwareReading } from '../format.js';
import { sharedFeatures } from '../shared-features.js';
import { FEATURE_LEAVES } from './feature-bits.js';
import { leafKey, type Leaves, REGISTERS, toLeaves, toText } from './registers.js';

const SOURCE = 'cpuid';
const EXTENDED = 0x8000_0000;

/** Where the table's word for a bit is not the kernel's. */
const KERNEL_WORDS: ReadonlyMap<string, string> = new Map([
  ['pdpe1gp', 'pdpe1gb'],
  ['tscdeadline', 'tsc_deadline_timer'],
  ['fdp-excptn-only', 'fdp_excptn_only'],
]);

/** The table, taken apart once: a dump holds hundreds of CPUs. */
const FEATURES = FEATURE_LEAVES.flatMap((table) =>
  REGISTERS.flatMap((register) =>
    table[register].split(' ').flatMap((entry) => {
      const [bit, word] = entry.split(':');
      if (word === undefined) return [];
      const { leaf, subleaf } = table;
      return [{ leaf, key: leafKey(leaf, subleaf), register, bit: Number(bit), name: KERNEL_WORDS.get(word) ?? word }];
    }),
  ),
);

/** The registers of the CPUID instruction (Intel SDM volume 2, CPUID), as `cpuid -r` or as rows of numbers. */
export function extract(content: string): HardwareReading | null {
  const { cpus, isNumbered } = toLeaves(content);
  const [first] = cpus;
  const vendor = first === undefined ? null : vendorOf(first);
  if (first === undefined || vendor === null) return null;
  if (!first.has(leafKey(1, 0))) throw new ReportError('a dump of CPUID without leaf 1');

  const shared = sharedFeatures(SOURCE, distinctFeatures(cpus));
  const features = shared.features === null ? null : derived(SOURCE, shared.features.value);
  const { family, model, stepping } = signatureOf(first);
  const brand = brandOf(first);
  const isLong = features?.value.includes('lm') === true;
  return {
    // Rows that were chosen by hand may lack the leaf that tells 64 bit.
    architecture: derived(SOURCE, isLong || first.has(leafKey(EXTENDED + 1, 0)) ? (isLong ? 'x86_64' : 'i686') : null),
    cpu: {
      vendor: derived(SOURCE, vendor),
      modelNames: derived(SOURCE, brand === '' ? null : [brand]),
      family: derived(SOURCE, String(family)),
      model: derived(SOURCE, String(model)),
      stepping: derived(SOURCE, String(stepping)),
      features,
      onlineCpus: derived(SOURCE, isNumbered ? cpus.length : null),
    },
    problems: shared.problems,
  };
}

/** Leaf 0 holds the vendor in ebx, edx, ecx: twelve printable characters, which no other table of numbers has. */
function vendorOf(leaves: Leaves): string | null {
  const leaf = leaves.get(leafKey(0, 0));
  if (leaf === undefined || leaf.eax === 0) return null;
  const vendor = toText([leaf.ebx, leaf.edx, leaf.ecx]);
  return /^[\x20-\x7e]{8,12}$/.test(vendor) ? vendor : null;
}

/** Nearly always all CPUs have the same. */
function distinctFeatures(cpus: readonly Leaves[]): string[][] {
  return [...new Set(cpus.map((leaves) => featuresOf(leaves).join(' ')))].map((list) => list.split(' '));
}

function featuresOf(leaves: Leaves): string[] {
  const highest = leaves.get(leafKey(0, 0))?.eax ?? 0;
  const highestExtended = leaves.get(leafKey(EXTENDED, 0))?.eax ?? 0;
  const flags = new Set<string>();
  for (const { leaf, key, register, bit, name } of FEATURES) {
    const registers = leaf > (leaf >= EXTENDED ? highestExtended : highest) ? undefined : leaves.get(key);
    if (registers !== undefined && (registers[register] >>> bit) & 1) flags.add(name);
  }
  return [...flags];
}

/** Family and model have an extended part that counts in some families only. */
function signatureOf(leaves: Leaves): { family: number; model: number; stepping: number } {
  const eax = leaves.get(leafKey(1, 0))?.eax ?? 0;
  const base = (eax >>> 8) & 0xf;
  const family = base === 0xf ? base + ((eax >>> 20) & 0xff) : base;
  const extended = base === 0xf || base === 6 ? ((eax >>> 16) & 0xf) << 4 : 0;
  return { family, model: ((eax >>> 4) & 0xf) + extended, stepping: eax & 0xf };
}

function brandOf(leaves: Leaves): string {
  const registers = [2, 3, 4].flatMap((number) => {
    const leaf = leaves.get(leafKey(EXTENDED + number, 0));
    return leaf === undefined ? [] : REGISTERS.map((register) => leaf[register]);
  });
  const brand = toText(registers);
  return registers.length === 12 && /^[\x20-\x7e]*$/.test(brand) ? brand : '';
}
