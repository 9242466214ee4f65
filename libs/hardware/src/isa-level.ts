/**
 * Micro-architecture levels of the x86-64 psABI (https://gitlab.com/x86-psABIs/x86-64-ABI, "Micro-Architecture Levels"),
 * in the kernel's spelling of the flags: SSE3 is `pni`, LZCNT is `abm`, LAHF-SAHF is `lahf_lm`, CMPXCHG16B is `cx16`.
 * OSFXSR and OSXSAVE have no flag of their own; the kernel hides `fxsr` and `xsave` when it does not enable them.
 */
const LEVELS = [
  { level: 'x86-64-v1', adds: ['cmov', 'cx8', 'fpu', 'fxsr', 'mmx', 'syscall', 'sse', 'sse2'] },
  { level: 'x86-64-v2', adds: ['cx16', 'lahf_lm', 'popcnt', 'pni', 'sse4_1', 'sse4_2', 'ssse3'] },
  { level: 'x86-64-v3', adds: ['avx', 'avx2', 'bmi1', 'bmi2', 'f16c', 'fma', 'abm', 'movbe', 'xsave'] },
  { level: 'x86-64-v4', adds: ['avx512f', 'avx512bw', 'avx512cd', 'avx512dq', 'avx512vl'] },
] as const;

export type IsaLevel = (typeof LEVELS)[number]['level'];

/**
 * @param architecture kernel spelling
 * @param features flags as the kernel spells them
 * @returns the highest level whose flags, and those of all levels below it, are there; null off x86_64
 */
export function isaLevelOf(architecture: string | null, features: readonly string[]): IsaLevel | null {
  if (architecture !== 'x86_64') return null;
  const flags = new Set(features);
  let highest: IsaLevel | null = null;
  for (const { level, adds } of LEVELS) {
    if (!adds.every((flag) => flags.has(flag))) break;
    highest = level;
  }
  return highest;
}

/** @returns a negative number when `a` is the lower level, 0 when equal; null when one is not a level */
export function compareIsaLevels(a: string, b: string): number | null {
  const [indexA, indexB] = [a, b].map((name) => LEVELS.findIndex(({ level }) => level === name));
  if (indexA === undefined || indexB === undefined || indexA < 0 || indexB < 0) return null;
  return indexA - indexB;
}
