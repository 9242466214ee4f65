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

describe('hardware/hwloc-xml/extract', () => {
  it('reads format 1: sockets, caches by depth, a machine without nodes, CPUs that are off line', () => {
    expect(valuesOf('format-1.xml')).toEqual({
      architecture: 'x86_64',
      operatingSystem: 'Linux',
      kernel: '3.2.0-4-amd64',
      modelNames: ['Example(R) CPU & more'],
      logicalCpus: 8,
      onlineCpus: 4,
      sockets: 1,
      coresPerSocket: 2,
      threadsPerCore: 2,
      numaNodes: 1,
      memoryBytes: 1_073_741_824,
      pageSizeBytes: 4096,
    });
    expect(extract(fixture('format-1.xml'))?.cpu?.caches).toEqual([
      { name: 'L1d', sizeBytes: 65_536, instances: 2, source: 'hwloc-xml' },
      { name: 'L2', sizeBytes: 4_194_304, instances: 1, source: 'hwloc-xml' },
    ]);
  });

  it('reads format 2: nodes as memory children, GPUs of a library and of the PCI list', () => {
    expect(valuesOf('format-2.xml')).toEqual({
      architecture: 'x86_64',
      operatingSystem: 'Linux',
      kernel: '6.1.0-13-amd64',
      vendor: 'AuthenticAMD',
      modelNames: ['EPYC Example 0001'],
      family: '25',
      model: '1',
      stepping: '1',
      logicalCpus: 4,
      onlineCpus: 4,
      sockets: 2,
      coresPerSocket: 1,
      threadsPerCore: 2,
      numaNodes: 2,
      memoryBytes: 4_294_967_296,
      pageSizeBytes: 4096,
    });
    const { gpus, problems } = extract(fixture('format-2.xml')) ?? {};
    expect(gpus?.map((gpu) => [gpu.model, gpu.computeCapability?.value, gpu.memoryBytes])).toEqual([
      ['NVIDIA A100-PCIE-40GB', '8.0', 42_949_672_960],
      ['Tesla M2075 Example Module', '2.0', null],
    ]);
    expect(problems?.map(({ message }) => message)).toEqual(['a GPU of NVIDIA without a name']);
  });

  it('reads format 3: facts at the root, kinds of core, memory of a GPU apart', () => {
    expect(valuesOf('format-3-arm.xml')).toEqual({
      architecture: 'aarch64',
      operatingSystem: 'Linux',
      kernel: '6.17.0',
      vendor: '0x41',
      family: '8',
      onlineCpus: 3,
      sockets: 1,
      coresPerSocket: 2,
      numaNodes: 2,
      memoryBytes: 4_294_967_296,
    });
    expect(extract(fixture('format-3-arm.xml'))?.problems?.map(({ message }) => message)).toEqual([
      'CPUPart differs: 0xd87, 0xd85',
    ]);
  });

  it('keeps no serial number, address or host name', () => {
    expect(JSON.stringify(extract(fixture('format-2.xml')))).not.toMatch(/ABC123|00:11|alice|123456789|eth0/);
  });

  it.each([
    ['entities', fixture('invalid/entity-declarations.xml'), 'XML declarations are refused'],
    ['a cut-off file', fixture('format-2.xml').slice(0, 900), 'XML is broken or cut off'],
    ['another shape', '<topology version="2.0"><object/></topology>', 'XML with the root of hwloc, but not its shape'],
    ['a tree that is no machine any more', `<topology>${' '.repeat(4 * 2 ** 20)}</topology>`, 'XML larger than 4 MiB'],
    ['a part of a machine', '<topology><object type="PU"/></topology>', 'hwloc XML without a machine'],
  ])('refuses %s', (_name, content, message) => {
    expect(() => extract(content)).toThrow(message);
  });

  it.each(['', '<html></html>', 'see <topology>'])('leaves other text alone: %j', (content) => {
    expect(extract(content)).toBeNull();
  });
});
