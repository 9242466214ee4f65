import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extract } from './extract.js';

function fixture(name: string): string {
  return readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8');
}

function reported<T>(value: T) {
  return { value, source: 'lscpu', learned: 'reported' };
}

describe('hardware/lscpu/extract', () => {
  it('reads the flat layout of a pipe, with the parsable rows behind it', () => {
    expect(extract(fixture('pipe-2.38.txt'))).toEqual({
      architecture: reported('x86_64'),
      operatingSystem: { value: 'Linux', source: 'lscpu', learned: 'derived' },
      cpu: {
        vendor: reported('GenuineIntel'),
        modelNames: reported(['Example(R) Xeon(R) Gold 0001 CPU @ 2.00GHz']),
        family: reported('6'),
        model: reported('85'),
        stepping: reported('7'),
        features: reported(
          ['avx', 'cmov', 'cx16', 'cx8', 'fpu', 'fxsr', 'lahf_lm', 'lm', 'mmx', 'pni', 'popcnt', 'sse', 'sse2'].concat([
            'sse4_1',
            'sse4_2',
            'ssse3',
            'syscall',
          ]),
        ),
        logicalCpus: reported(20),
        onlineCpus: { value: 17, source: 'lscpu', learned: 'derived' },
        sockets: reported(1),
        coresPerSocket: reported(10),
        threadsPerCore: reported(2),
        numaNodes: reported(2),
        byteOrder: reported('Little Endian'),
        microcode: reported('0x5003604'),
        hypervisor: reported('KVM'),
        caches: [
          { name: 'L1d', sizeBytes: 327_680, instances: 10, source: 'lscpu' },
          { name: 'L2', sizeBytes: 13_107_200, instances: 10, source: 'lscpu' },
          { name: 'L3', sizeBytes: 28_835_840, instances: 1, source: 'lscpu' },
        ],
      },
      problems: [],
    });
  });

  it('reads the indented layout of a terminal, but not flags that the terminal broke', () => {
    const reading = extract(fixture('terminal-2.39.txt'));

    expect(reading?.cpu?.modelNames?.value).toEqual(['Example 7 0001 8-Core Processor']);
    expect(reading?.cpu?.caches).toEqual([{ name: 'L1d', sizeBytes: 262_144, instances: 8, source: 'lscpu' }]);
    expect(reading?.cpu?.numaNodes?.value).toBe(1);
    expect(reading?.cpu?.features).toBeNull();
    expect(reading?.problems).toEqual([
      {
        source: 'lscpu',
        message: 'Flags is broken by the terminal, perhaps within a word; take the report with lscpu | cat',
        line: 13,
      },
    ]);
  });

  it('keeps each kind of core by name, and the flags that all of them have', () => {
    const reading = extract(fixture('big-little.txt'));

    expect(reading?.cpu?.modelNames).toEqual(reported(['Cortex-A55', 'Cortex-A76']));
    expect(reading?.cpu?.model).toEqual(reported('0'));
    expect(reading?.cpu?.coresPerSocket).toBeNull();
    expect(reading?.cpu?.features).toEqual({
      value: ['asimd', 'atomics', 'crc32', 'fp'],
      source: 'lscpu',
      learned: 'derived',
    });
    expect(reading?.problems?.map(({ message }) => message)).toEqual([
      'Stepping differs between kinds of core: r2p0, r4p0',
      'not on every core, left out: bf16',
      'Core(s) per socket differs between kinds of core: 6, 2',
    ]);
  });

  it('reads the labels of 2010, and says that their cache sizes are no sums', () => {
    const reading = extract(fixture('old-2.17.txt'));

    expect(reading?.cpu?.sockets).toEqual(reported(2));
    expect(reading?.cpu?.onlineCpus).toBeNull();
    expect(reading?.cpu?.caches).toEqual([]);
    expect(reading?.problems).toEqual([
      { source: 'lscpu', message: 'L1d cache 32K: size of one instance, their number is not reported', line: 12 },
      { source: 'lscpu', message: 'L2 cache 4096K: size of one instance, their number is not reported', line: 13 },
    ]);
  });

  it.each([
    ['german.txt', 'Architektur'],
    ['chinese.txt', '架构'],
  ])('refuses the translated labels of %s', (name, label) => {
    expect(() => extract(fixture(name))).toThrow(
      `an lscpu report in another language ("${label}"); take it again with LC_ALL=C lscpu`,
    );
  });

  it('names the lines that are not of lscpu', () => {
    const reading = extract(`${fixture('big-little.txt')}$ uname -a\n$ exit\n`);

    expect(reading?.problems?.at(-1)).toEqual({ source: 'lscpu', message: '2 lines are not of lscpu', line: 19 });
  });

  it('leaves a count unknown that is not a number', () => {
    const reading = extract(
      'Architecture: s390x\nCPU(s): many\nVendor ID: IBM/S390\nModel name: -\nMachine type: 2964\n',
    );

    expect(reading?.cpu?.logicalCpus).toBeNull();
    expect(reading?.cpu?.modelNames).toBeNull();
    expect(reading?.cpu?.model).toEqual(reported('2964'));
    expect(reading?.problems).toEqual([{ source: 'lscpu', message: 'CPU(s) is not a number: many', line: null }]);
  });

  it('takes riscv extensions for flags', () => {
    const reading = extract('Architecture: riscv64\nByte Order: Little Endian\nCPU(s): 4\nISA: rv64imafdc zba\n');

    expect(reading?.cpu?.features).toEqual(reported(['rv64imafdc', 'zba']));
  });

  it.each(['', 'CPU(s): 4', 'processor : 0\nflags : fpu', 'Architecture: x86_64\nName: Anna', '{"lscpu": []}'])(
    'leaves other text alone: %j',
    (content) => {
      expect(extract(content)).toBeNull();
    },
  );
});
