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

describe('hardware/lshw-json/extract', () => {
  it('sees at once that blanks are no report, however many', () => {
    expect(extract(' \n'.repeat(500_000))).toBeNull();
  });

  it('reads the object of old versions, with the flags in the words of the kernel', () => {
    expect(valuesOf('object.json')).toEqual({
      architecture: 'x86_64',
      vendor: 'Intel Corp.',
      modelNames: ['Example(R) CPU 0001 @ 2.00GHz'],
      features: ['cmov', 'cx8', 'fpu', 'fxsr', 'lm', 'mmx', 'sse', 'sse2', 'syscall'],
      logicalCpus: 16,
      sockets: 2,
      coresPerSocket: 4,
      threadsPerCore: 2,
      microcode: '83899908',
      memoryBytes: 8_589_934_592,
    });
    expect(extract(fixture('object.json'))?.problems?.map(({ message }) => message)).toEqual([
      'not on every core, left out: avx',
    ]);
  });

  it('keeps the GPU that computes, and not the chip that drives a screen', () => {
    const gpus = extract(fixture('object.json'))?.gpus;

    expect(gpus?.map(({ model, computeCapability }) => [model, computeCapability?.value])).toEqual([
      ['GA100 [A100 PCIe 40GB]', '8.0'],
    ]);
  });

  it('reads the array of new versions, without a processor that is disabled and without guessing from a translation', () => {
    expect(valuesOf('array-arm.json')).toEqual({
      vendor: 'ARM',
      modelNames: ['Example-A72'],
      memoryBytes: 4_294_967_296,
    });
  });

  it('keeps no serial number, address or name of the machine', () => {
    expect(JSON.stringify(extract(fixture('object.json')))).not.toMatch(/ABC123|00:11|alice|0000-1111|eth0/);
  });

  it.each([
    ['a cut-off file', fixture('object.json').slice(0, 700), 'lshw JSON is broken or cut off'],
    ['another shape', '{"id": "a", "class": "b", "children": 3}', 'JSON that begins like lshw, but has not its shape'],
    ['a report without hardware', '{"id": "a", "class": "network"}', 'lshw JSON without a processor or a memory'],
  ])('refuses %s', (_name, content, message) => {
    expect(() => extract(content)).toThrow(message);
  });

  it.each(['', '[]', '{"id": "a"}', '{"class": "b", "id": "a"}'])('leaves other text alone: %j', (content) => {
    expect(extract(content)).toBeNull();
  });
});
