import { describe, expect, it } from 'vitest';
import { ARCHSPEC_TARGETS } from './archspec-table.js';
import { type CoreDescription, featuresOfMicroarchitecture, microarchitectureOf } from './archspec.js';

function core(described: Partial<CoreDescription>): CoreDescription {
  return { architecture: 'x86_64', vendor: null, features: null, parts: [], modelNames: [], ...described };
}

function flags(name: string): readonly string[] {
  return featuresOfMicroarchitecture(name) ?? [];
}

describe('hardware/archspec', () => {
  it.each(['haswell', 'skylake_avx512', 'cascadelake', 'sapphirerapids', 'zen', 'zen3', 'zen5', 'piledriver'])(
    'names a core with all features of %s',
    (name) => {
      const vendor = ARCHSPEC_TARGETS[name]!.vendor;

      expect(microarchitectureOf(core({ vendor, features: flags(name) }))).toBe(name);
    },
  );

  it('names the level only, when a virtual machine hides a feature of the core', () => {
    const features = flags('haswell').filter((flag) => flag !== 'rdrand');

    expect(microarchitectureOf(core({ vendor: 'GenuineIntel', features }))).toBe('x86_64_v3');
  });

  it('does not give a core of one maker the name of another', () => {
    expect(microarchitectureOf(core({ vendor: 'ExampleVendor', features: flags('zen3') }))).toBe('x86_64_v3');
    expect(microarchitectureOf(core({ features: flags('zen3') }))).toBe('x86_64_v3');
  });

  it.each<[string, Partial<CoreDescription>, string | null]>([
    ['a part code', { vendor: '0x41', parts: ['0xd40'], features: flags('neoverse_v1') }, 'neoverse_v1'],
    [
      'the name that lscpu has',
      { vendor: 'ARM', modelNames: ['Neoverse-V2'], features: flags('neoverse_v2') },
      'neoverse_v2',
    ],
    ['one kind of core of two', { vendor: '0x61', parts: ['0x023', '0x022'], features: flags('m1') }, 'm1'],
    ['features without a known part', { vendor: 'FUJITSU', features: flags('a64fx') }, 'a64fx'],
    ['no feature of a known core', { vendor: '0x41', features: ['fp'] }, 'aarch64'],
    ['an Apple chip', { modelNames: ['Apple M1 Pro'] }, 'm1'],
    ['an Apple chip that is newer than the table', { modelNames: ['Apple M99'] }, 'm4'],
    ['an Apple chip without a number', { modelNames: ['Apple A12'] }, 'aarch64'],
    ['nothing', {}, null],
  ])('names ARM by %s', (_name, described, name) => {
    expect(microarchitectureOf(core({ architecture: 'aarch64', ...described }))).toBe(name);
  });

  it.each<[string | null, string, string | null]>([
    ['ppc64', 'POWER7 (architected), altivec supported', 'power7'],
    ['ppc64le', 'POWER8NVL (raw), altivec supported', 'power8le'],
    ['ppc64le', 'POWER10, altivec supported', 'power10le'],
    ['ppc64', 'PPC970FX', 'ppc64'],
    ['riscv64', 'sifive,u74-mc', 'u74mc'],
    ['riscv64', 'Spacemit(R) X60', 'x60'],
    ['riscv64', 'example,core', 'riscv64'],
    ['s390x', 'IBM/S390', null],
    [null, 'POWER9', null],
  ])('names %s %s', (architecture, modelName, name) => {
    expect(microarchitectureOf(core({ architecture, modelNames: [modelName] }))).toBe(name);
  });

  it('knows no features of a name that archspec does not have', () => {
    expect(featuresOfMicroarchitecture('__proto__')).toBeNull();
    expect(featuresOfMicroarchitecture('zen3')).toContain('vaes');
  });
});
