import { describe, expect, it } from 'vitest';
import { compareIsaLevels, isaLevelOf } from './isa-level.js';

const V1 = 'fpu cx8 cmov mmx fxsr sse sse2 syscall'.split(' ');
const V2 = [...V1, ...'cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3'.split(' ')];
const V3 = [...V2, ...'avx avx2 bmi1 bmi2 f16c fma abm movbe xsave'.split(' ')];
const V4 = [...V3, ...'avx512f avx512bw avx512cd avx512dq avx512vl'.split(' ')];

describe('hardware/isa-level', () => {
  it.each([
    ['x86-64-v1', V1],
    ['x86-64-v2', V2],
    ['x86-64-v3', V3],
    ['x86-64-v4', V4],
    ['x86-64-v1', [...V1, 'avx', 'avx2', 'avx512f']],
    ['x86-64-v3', V4.filter((flag) => flag !== 'avx512dq')],
    ['x86-64-v2', V4.filter((flag) => flag !== 'movbe')],
    [null, V4.filter((flag) => flag !== 'cmov')],
    [null, []],
  ])('finds %s', (level, flags) => {
    expect(isaLevelOf('x86_64', flags)).toBe(level);
  });

  it.each(['aarch64', 'i686', null])('knows no level of %s', (architecture) => {
    expect(isaLevelOf(architecture, V4)).toBeNull();
  });

  it('orders levels, and nothing else', () => {
    expect(compareIsaLevels('x86-64-v2', 'x86-64-v4')).toBeLessThan(0);
    expect(compareIsaLevels('x86-64-v3', 'x86-64-v3')).toBe(0);
    expect(compareIsaLevels('x86-64-v4', 'x86-64-v1')).toBeGreaterThan(0);
    expect(compareIsaLevels('x86-64-v4', 'v3')).toBeNull();
  });
});
