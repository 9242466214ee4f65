import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extract } from './extract.js';

function fixture(name: string): string {
  return readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8');
}

/** The facts without their origin, and without what is unknown. */
function valuesOf(name: string): Record<string, unknown> {
  const reading = extract(fixture(name));
  const facts = { architecture: reading?.architecture, ...reading?.cpu };
  return Object.fromEntries(
    Object.entries(facts).flatMap(([key, fact]) => (fact && 'value' in fact ? [[key, fact.value]] : [])),
  );
}

describe('hardware/cpuinfo/extract', () => {
  it('reads x86, with the topology of complete blocks and the flags that all CPUs have', () => {
    expect(valuesOf('x86.txt')).toEqual({
      architecture: 'x86_64',
      vendor: 'AuthenticAMD',
      modelNames: ['EPYC Example 0001'],
      family: '23',
      model: '49',
      stepping: '0',
      microcode: '0x8301038',
      features: ['cmov', 'cx16', 'cx8', 'fpu', 'fxsr', 'lahf_lm', 'lm', 'mmx', 'pni', 'popcnt', 'sse', 'sse2'].concat([
        'sse4_1',
        'sse4_2',
        'ssse3',
        'syscall',
      ]),
      onlineCpus: 4,
      sockets: 2,
      coresPerSocket: 1,
      threadsPerCore: 2,
    });
    expect(extract(fixture('x86.txt'))?.problems).toEqual([
      { source: 'cpuinfo', message: 'not on every core, left out: lwp', line: null },
    ]);
  });

  it('says which facts are derived', () => {
    const reading = extract(fixture('x86.txt'));

    expect(reading?.architecture?.learned).toBe('derived');
    expect(reading?.cpu?.vendor).toEqual({ value: 'AuthenticAMD', source: 'cpuinfo', learned: 'reported' });
    expect(reading?.cpu?.onlineCpus?.learned).toBe('derived');
    expect(reading?.cpu?.coresPerSocket?.learned).toBe('reported');
  });

  it('does not count sockets in a report that was shortened by hand', () => {
    const values = valuesOf('x86-shortened.txt');

    expect(values['onlineCpus']).toBe(1);
    expect(values['threadsPerCore']).toBe(2);
    expect(values).not.toHaveProperty('sockets');
  });

  it('leaves the part of an ARM CPU with two kinds of core unknown, and names both', () => {
    expect(valuesOf('aarch64-big-little.txt')).toEqual({
      architecture: 'aarch64',
      vendor: '0x41',
      family: '8',
      features: ['asimd', 'bf16', 'fp'],
      microarchitecture: 'aarch64',
      onlineCpus: 2,
    });
    expect(extract(fixture('aarch64-big-little.txt'))?.problems?.map(({ message }) => message)).toEqual([
      'CPU part differs between CPUs: 0xd46, 0xd4d',
      'CPU revision differs between CPUs: 1, 0',
    ]);
  });

  it.each([
    [
      'armv7-shared.txt',
      {
        architecture: 'armv7l',
        vendor: '0x41',
        modelNames: ['ARMv7 Processor rev 4 (v7l)'],
        family: '7',
        model: '0xc0f',
        stepping: '4',
        features: ['half', 'neon', 'swp', 'vfpv4'],
        onlineCpus: 2,
      },
    ],
    [
      's390x.txt',
      {
        architecture: 's390x',
        vendor: 'IBM/S390',
        model: '2964',
        features: ['esan3', 'stfle', 'vx', 'zarch'],
        onlineCpus: 2,
      },
    ],
    [
      'sparc64.txt',
      {
        architecture: 'sparc64',
        modelNames: ['TI UltraSparc Example'],
        features: ['flush', 'stbar', 'swap', 'vis'],
        logicalCpus: 6,
        onlineCpus: 2,
      },
    ],
    ['power.txt', { modelNames: ['POWER9, altivec supported'], model: '2.2 (pvr 004e 1202)', onlineCpus: 2 }],
    [
      'riscv64.txt',
      {
        architecture: 'riscv64',
        vendor: '0x489',
        modelNames: ['example,u74-mc'],
        family: '0x8000000000000007',
        model: '0x4210427',
        features: ['rv64imafdc', 'zba', 'zicsr'],
        onlineCpus: 1,
      },
    ],
    [
      'loongarch64.txt',
      {
        architecture: 'loongarch64',
        modelNames: ['Loongson-Example'],
        family: 'Loongson-64bit',
        stepping: '0x11',
        features: ['cpucfg', 'lasx', 'lsx'],
        onlineCpus: 1,
      },
    ],
    [
      'ia64.txt',
      {
        architecture: 'ia64',
        vendor: 'GenuineIntel',
        family: 'Itanium 2',
        model: '2',
        stepping: '1',
        features: ['branchlong'],
        onlineCpus: 1,
      },
    ],
    [
      'alpha.txt',
      {
        architecture: 'alpha',
        modelNames: ['EV6'],
        model: '7',
        stepping: '0',
        logicalCpus: 4,
        onlineCpus: 2,
      },
    ],
    [
      'parisc.txt',
      {
        architecture: 'parisc64',
        modelNames: ['PA8700 (PCX-W2)'],
        family: 'PA-RISC 2.0',
        features: ['iopdir_fdc', 'nva_supported', 'os64'],
        onlineCpus: 1,
      },
    ],
    [
      'sh.txt',
      {
        architecture: 'sh4a',
        modelNames: ['SH7785'],
        family: 'sh4a',
        stepping: '7.x',
        features: ['fpu', 'llsc'],
        onlineCpus: 1,
      },
    ],
    ['m68k.txt', { architecture: 'm68k', modelNames: ['68040'] }],
    [
      'openrisc.txt',
      {
        architecture: 'openrisc',
        family: 'OpenRISC 1000 (1.1-rev0)',
        features: ['orbis32', 'orfpx32'],
        onlineCpus: 1,
      },
    ],
    ['mips.txt', { modelNames: ['Cavium Octeon Example V0.1'], features: ['vz'], onlineCpus: 1 }],
  ])('reads the dialect of %s', (name, values) => {
    expect(valuesOf(name)).toEqual(values);
  });

  it('says so when the architecture stays open', () => {
    expect(extract(fixture('power.txt'))?.problems).toEqual([
      { source: 'cpuinfo', message: 'this report does not say the architecture; add lscpu or uname -m', line: null },
    ]);
  });

  it.each(['s390x.txt', 'armv7-shared.txt', 'alpha.txt', 'parisc.txt'])('keeps no serial number of %s', (name) => {
    expect(JSON.stringify(extract(fixture(name)))).not.toMatch(/1633E8|deadbeef|2002349581/i);
  });

  it.each(['', 'processor : 0', 'processor : fast', 'Architecture: x86_64\nCPU(s): 4\nVendor ID: x', 'hw.ncpu: 8'])(
    'leaves other text alone: %j',
    (content) => {
      expect(extract(content)).toBeNull();
    },
  );
});
