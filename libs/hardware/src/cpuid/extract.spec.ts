import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extract } from './extract.js';

function fixture(name: string): string {
  return readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8');
}

/** The facts without their origin, and without what is unknown. */
function valuesOf(name: string): Record<string, unknown> {
  const { cpu, ...rest } = extract(fixture(name)) ?? {};
  return Object.fromEntries(
    Object.entries({ ...rest, ...cpu }).flatMap(([key, fact]) => (fact && 'value' in fact ? [[key, fact.value]] : [])),
  );
}

const COMMON = {
  architecture: 'x86_64',
  vendor: 'GenuineIntel',
  modelNames: ['Example(R) CPU 0001 @ 2.00GHz'],
  family: '6',
  model: '61',
  stepping: '4',
};
const FEATURES =
  'abm aes avx avx2 bmi1 bmi2 cmov cx16 cx8 f16c fma fpu fxsr lahf_lm lm mmx movbe pclmulqdq pni popcnt rdrand rdseed sse sse2 sse4_1 sse4_2 ssse3 syscall xsave xsaveopt'.split(
    ' ',
  );

describe('hardware/cpuid/extract', () => {
  it('reads the registers of each CPU, and keeps the flags that all of them have', () => {
    expect(valuesOf('raw.txt')).toEqual({ ...COMMON, features: FEATURES, onlineCpus: 2 });
    expect(extract(fixture('raw.txt'))?.problems?.map(({ message }) => message)).toEqual([
      'not on every core, left out: adx',
    ]);
  });

  it('reads rows of numbers, of which nobody says how many CPUs they are', () => {
    expect(valuesOf('rows.txt')).toEqual({ ...COMMON, features: ['abm', 'adx', ...FEATURES.slice(1)] });
  });

  it('passes over a leaf that the CPU does not have: it gives the registers of another', () => {
    const rows = fixture('rows.txt').replace('0, 0, 22,', '0, 0, 1,');

    expect(valuesOf('rows.txt')['features']).toContain('avx2');
    expect(extract(rows)?.cpu?.features?.value).not.toContain('avx2');
  });

  it('leaves the architecture open when the leaf that tells it is not there', () => {
    const rows = fixture('rows.txt').replace(/^2147483649,.*$/m, '');

    expect(extract(rows)?.architecture).toBeNull();
  });

  it('refuses more CPUs than a machine has', () => {
    expect(() => extract('CPU 0:\n'.repeat(8193))).toThrow('a dump of more than 8192 CPUs');
  });

  it('refuses a dump without the features', () => {
    expect(() => extract(fixture('rows.txt').replace(/^1,.*$/m, ''))).toThrow('a dump of CPUID without leaf 1');
  });

  it.each(['', '1, 2, 3', '0, 0, 1, 2, 3, 4\n1, 0, 1, 2, 3, 4', '0, 0, 99999999999, 1, 1, 1'])(
    'leaves other text alone: %j',
    (content) => {
      expect(extract(content)).toBeNull();
    },
  );
});
