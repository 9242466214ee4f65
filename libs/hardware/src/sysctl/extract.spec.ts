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

describe('hardware/sysctl/extract', () => {
  it('reads an Apple chip: its name is its microarchitecture, its features have the names of Linux', () => {
    expect(valuesOf('apple.txt')).toEqual({
      architecture: 'aarch64',
      operatingSystem: 'Darwin',
      kernel: '23.1.0',
      vendor: 'Apple',
      modelNames: ['Apple M2 Pro'],
      features: ['asimd', 'asimdfhm', 'bf16', 'fp'],
      microarchitecture: 'm2',
      logicalCpus: 10,
      onlineCpus: 10,
      sockets: 1,
      coresPerSocket: 10,
      threadsPerCore: 1,
      byteOrder: 'Little Endian',
      memoryBytes: 17_179_869_184,
      pageSizeBytes: 16_384,
    });
    expect(JSON.stringify(extract(fixture('apple.txt')))).not.toContain('alice');
  });

  it('reads an Intel Mac, and counts the cores that are there', () => {
    expect(valuesOf('intel.txt')).toEqual({
      architecture: 'x86_64',
      operatingSystem: 'Darwin',
      vendor: 'GenuineIntel',
      modelNames: ['Example(R) CPU 0001 @ 2.00GHz'],
      family: '6',
      model: '58',
      stepping: '9',
      microcode: '33',
      features:
        'aes avx cmov cx16 cx8 f16c fpu fxsr lahf_lm lm mmx nx pclmulqdq pni popcnt rdrand smep sse sse2 sse4_1 sse4_2 ssse3 syscall xsave'.split(
          ' ',
        ),
      microarchitecture: 'ivybridge',
      logicalCpus: 8,
      onlineCpus: 8,
      sockets: 1,
      coresPerSocket: 4,
      threadsPerCore: 2,
    });
  });

  it.each(['', 'hw.ncpu: 8', 'machdep.cpu.brand_string: ', 'net.ipv4.ip_forward = 1', 'kernel: x'])(
    'leaves other text alone: %j',
    (content) => {
      expect(extract(content)).toBeNull();
    },
  );
});
