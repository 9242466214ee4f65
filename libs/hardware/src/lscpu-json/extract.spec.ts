import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extract } from './extract.js';

function fixture(name: string): string {
  return readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8');
}

describe('hardware/lscpu-json/extract', () => {
  it('reads the nested layout of a terminal, with sizes in bytes', () => {
    const reading = extract(fixture('nested.json'));

    expect(reading?.architecture).toEqual({ value: 'aarch64', source: 'lscpu-json', learned: 'reported' });
    expect(reading?.cpu?.logicalCpus?.value).toBe(4);
    expect(reading?.cpu?.onlineCpus).toEqual({ value: 3, source: 'lscpu-json', learned: 'derived' });
    expect(reading?.cpu?.modelNames?.value).toEqual(['Neoverse-N1']);
    expect(reading?.cpu?.features?.value).toEqual(['asimd', 'atomics', 'fp']);
    expect(reading?.cpu?.caches).toEqual([{ name: 'L1d', sizeBytes: 262_144, instances: 4, source: 'lscpu-json' }]);
    expect(reading?.problems).toEqual([]);
  });

  it('reads the flat layout of a pipe', () => {
    const reading = extract(fixture('flat.json'));

    expect(reading?.cpu?.onlineCpus?.value).toBe(2);
    expect(reading?.cpu?.features?.value).toEqual(['cmov', 'cx8', 'fpu', 'fxsr', 'mmx', 'sse', 'sse2', 'syscall']);
    expect(reading?.problems?.map(({ message }) => message)).toEqual([
      'L1d cache 32K: size of one instance, their number is not reported',
    ]);
  });

  it('counts the rows of lscpu --extended, without CPUs that are off line', () => {
    expect(extract(fixture('extended.json'))).toEqual({
      cpu: {
        logicalCpus: { value: 5, source: 'lscpu-json', learned: 'derived' },
        onlineCpus: { value: 4, source: 'lscpu-json', learned: 'derived' },
        sockets: { value: 1, source: 'lscpu-json', learned: 'derived' },
        coresPerSocket: { value: 2, source: 'lscpu-json', learned: 'derived' },
        threadsPerCore: { value: 2, source: 'lscpu-json', learned: 'derived' },
        numaNodes: { value: 1, source: 'lscpu-json', learned: 'derived' },
      },
    });
  });

  it('leaves unknown what the columns of the table do not show', () => {
    expect(extract('{"cpus": [{"cpu": "0"}, {"cpu": "1"}]}')?.cpu).toEqual({
      logicalCpus: null,
      onlineCpus: { value: 2, source: 'lscpu-json', learned: 'derived' },
      sockets: null,
      coresPerSocket: null,
      threadsPerCore: null,
      numaNodes: null,
    });
  });

  it.each([
    ['translated labels', fixture('german.json'), 'in another language, take it again with LC_ALL=C'],
    ['a cut-off file', fixture('nested.json').slice(0, 200), 'lscpu JSON is broken or cut off'],
    ['another shape', '{"lscpu": 3}', 'JSON with the key of lscpu, but not its shape'],
  ])('refuses %s', (_name, content, message) => {
    expect(() => extract(content)).toThrow(message);
  });

  it.each(['', '[]', '{"name": "lscpu"}', '{"cpus": [{"cpu": "m1.large"}]}', 'Architecture: x86_64'])(
    'leaves other text alone: %j',
    (content) => {
      expect(extract(content)).toBeNull();
    },
  );
});
