import { ARCHSPEC_TARGETS, type ArchspecTarget, ARM_VENDORS } from './archspec-table.js';

/** What archspec looks at. Families that it does not tell apart (s390x, mips, 32 bit) have no name here. */
export interface CoreDescription {
  /** Kernel spelling. */
  readonly architecture: string | null;
  readonly vendor: string | null;
  /** As the kernel spells them; null when no report shows them. */
  readonly features: readonly string[] | null;
  /** `CPU part` codes of ARM, one for each kind of core. */
  readonly parts: readonly string[];
  readonly modelNames: readonly string[];
}

/** What lscpu calls the cores that archspec knows by their `CPU part`. */
const PART_BY_NAME: ReadonlyMap<string, string> = new Map([
  ['Cortex-A72', '0xd08'],
  ['Neoverse-N1', '0xd0c'],
  ['Neoverse-N2', '0xd49'],
  ['Neoverse-V1', '0xd40'],
  ['Neoverse-V2', '0xd4f'],
  ['Neoverse-V3AE', '0xd83'],
  ['A64FX', '0x001'],
  ['ThunderX2-99xx', '0x0af'],
  ['ThunderX2', '0x0af'],
  ['Ampere-1', '0xac3'],
  ['Ampere-1a', '0xac4'],
  ['Olympus', '0x010'],
  ['Icestorm-M1', '0x022'],
  ['Blizzard-M2', '0x032'],
]);

const RISCV_BY_NAME: ReadonlyMap<string, string> = new Map([
  ['sifive,u74-mc', 'u74mc'],
  ['spacemit,x60', 'x60'],
  ['Spacemit(R) X60', 'x60'],
]);

const ancestors = new Map(Object.keys(ARCHSPEC_TARGETS).map((name) => [name, ancestorsOf(name)]));

/**
 * The most specific microarchitecture of archspec that these cores have every feature of, by the rules of its
 * `archspec cpu` (https://archspec.readthedocs.io): features first, so that a virtual machine that hides flags gets a
 * lesser name than the marketing name promises.
 * @returns null when the reports do not tell
 */
export function microarchitectureOf(core: CoreDescription): string | null {
  switch (core.architecture) {
    case 'x86_64':
      return byFeatures('x86_64', core, core.vendor, []);
    case 'aarch64':
      return appleModel(core.modelNames) ?? armTarget(core);
    case 'ppc64':
    case 'ppc64le':
      return powerTarget(core.architecture, core.modelNames);
    case 'riscv64':
      return core.modelNames.map((name) => RISCV_BY_NAME.get(name)).find((name) => name !== undefined) ?? 'riscv64';
    case null:
    default:
      return null;
  }
}

/** @returns null for a name that archspec does not have */
export function featuresOfMicroarchitecture(name: string): readonly string[] | null {
  return Object.hasOwn(ARCHSPEC_TARGETS, name) ? featuresOf(name) : null;
}

/** A level or a family, and no design of a maker. */
export function isGenericMicroarchitecture(name: string): boolean {
  return targetOf(name).vendor === 'generic';
}

function armTarget(core: CoreDescription): string | null {
  const vendor = core.vendor === null ? null : (ARM_VENDORS[core.vendor] ?? core.vendor);
  return byFeatures('aarch64', core, vendor, [...core.parts, ...core.modelNames.map((name) => PART_BY_NAME.get(name))]);
}

function byFeatures(
  family: string,
  { features }: CoreDescription,
  vendor: string | null,
  parts: readonly (string | undefined)[],
): string | null {
  if (features === null) return null;
  const flags = new Set(features);
  let candidates = Object.keys(ARCHSPEC_TARGETS).filter((name) => {
    const target = targetOf(name);
    if (name !== family && !lineage(name).has(family)) return false;
    // The generic steps of ARM name features of the architecture, not flags that a kernel shows.
    if (target.vendor === 'generic' ? family === 'aarch64' && name !== family : !isVendor(target.vendor, vendor)) {
      return false;
    }
    return featuresOf(name).every((flag) => flags.has(flag));
  });
  const generic = mostSpecific(candidates.filter((name) => targetOf(name).vendor === 'generic')) ?? family;
  const ofPart = candidates.filter((name) => parts.includes(targetOf(name).part ?? 'none'));
  if (ofPart.length > 0) candidates = ofPart;
  // A niche feature switched off by the firmware shall not hide a core whose level is otherwise reached.
  return mostSpecific(candidates.filter((name) => lineage(name).has(generic))) ?? generic;
}

function powerTarget(family: 'ppc64' | 'ppc64le', modelNames: readonly string[]): string {
  const generation = Number(/\bPOWER(?<number>\d{1,3})/.exec(modelNames[0] ?? '')?.groups?.['number'] ?? 0);
  const candidates = Object.keys(ARCHSPEC_TARGETS).filter(
    (name) => lineage(name).has(family) && (targetOf(name).generation ?? Infinity) <= generation,
  );
  return mostSpecific(candidates) ?? family;
}

/** macOS names the chip and not all features; an unknown newer one has what the newest known one has. */
function appleModel(modelNames: readonly string[]): string | null {
  const name = modelNames[0] ?? '';
  if (name === 'Apple processor') return 'm1';
  const number = Number(/^Apple M(?<number>\d{1,2})\b/.exec(name)?.groups?.['number'] ?? 0);
  for (let model = number; model > 0; model -= 1) {
    if (Object.hasOwn(ARCHSPEC_TARGETS, `m${model}`)) return `m${model}`;
  }
  return name.startsWith('Apple ') ? 'aarch64' : null;
}

function mostSpecific(names: readonly string[]): string | null {
  let best: string | null = null;
  for (const name of names) if (best === null || rank(name, best) > 0) best = name;
  return best;
}

function rank(a: string, b: string): number {
  const generations = lineage(a).size - lineage(b).size;
  return generations === 0 ? featuresOf(a).length - featuresOf(b).length : generations;
}

function isVendor(ofTarget: string, vendor: string | null): boolean {
  return vendor !== null && ofTarget.toLowerCase() === vendor.toLowerCase();
}

function targetOf(name: string): ArchspecTarget {
  return ARCHSPEC_TARGETS[name] ?? { from: [], vendor: 'generic', features: '' };
}

function featuresOf(name: string): string[] {
  return targetOf(name)
    .features.split(' ')
    .filter((flag) => flag !== '');
}

function lineage(name: string): ReadonlySet<string> {
  return ancestors.get(name) ?? new Set();
}

function ancestorsOf(name: string): ReadonlySet<string> {
  const { from } = targetOf(name);
  return new Set(from.flatMap((parent) => [parent, ...ancestorsOf(parent)]));
}
