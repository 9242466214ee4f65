import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { abiTag, buildElf, isaNeeded, type TestElf } from './__fixtures__/test-elf.js';
import { type ElfFacts, ElfReader } from './elf-reader.js';

function read(file: Uint8Array, chunkSize = file.length || 1): ElfFacts | null {
  const reader = new ElfReader();
  for (let at = 0; at < file.length; at += chunkSize) reader.push(file.subarray(at, at + chunkSize));
  return reader.read();
}

describe('comparison/images/programs/elf-reader', () => {
  it.each<[string, TestElf, string]>([
    ['64 bit, little-endian', { machine: 183 }, 'arm64'],
    ['64 bit, big-endian', { machine: 22, isLittleEndian: false }, 's390x'],
    ['32 bit, little-endian', { machine: 3, is64: false }, '386'],
    ['32 bit, big-endian', { machine: 8, is64: false, isLittleEndian: false }, 'mips'],
    ['POWER in either order', { machine: 21 }, 'ppc64le'],
    ['POWER in the other order', { machine: 21, isLittleEndian: false }, 'ppc64'],
    ['ARM', { machine: 40, is64: false }, 'arm'],
    ['RISC-V', { machine: 243 }, 'riscv64'],
    ['LoongArch', { machine: 258 }, 'loong64'],
  ])('reads the kernel minimum of %s', (_name, elf, architecture) => {
    const file = buildElf({ ...elf, notes: [abiTag([3, 2, 0], elf.isLittleEndian)] });

    expect(read(file)).toEqual({ architecture, kernelMinimum: '3.2.0', isaLevel: null });
  });

  it.each([
    [0b0001, 'x86-64-v1'],
    [0b0011, 'x86-64-v2'],
    [0b0101, 'x86-64-v3'],
    [0b1000, 'x86-64-v4'],
    [0b10000, null],
    [0, null],
  ])('reads the level of the instruction set out of %d', (bits, isaLevel) => {
    expect(read(buildElf({ notes: [abiTag([2, 6, 32]), isaNeeded(bits)] }))).toEqual({
      architecture: 'amd64',
      kernelMinimum: '2.6.32',
      isaLevel,
    });
  });

  it('takes a property for what it is on x86-64 only', () => {
    const notes = [isaNeeded(2, { is64: false })];

    expect(read(buildElf({ machine: 3, is64: false, notes }))?.isaLevel).toBeNull();
  });

  it.each([1, 7, 64, 100_000])('finds notes and tables wherever they stand, in chunks of %d bytes', (chunkSize) => {
    const notes = [{ type: 3, description: Buffer.alloc(20) }, abiTag([3, 10, 0]), isaNeeded(2)];
    const expected = { architecture: 'amd64', kernelMinimum: '3.10.0', isaLevel: 'x86-64-v2' };

    expect(read(buildElf({ notes, text: 'x'.repeat(99) }), chunkSize)).toEqual(expected);
    expect(read(buildElf({ notes, gap: 100_000 }), chunkSize)).toEqual(expected);
    expect(read(buildElf({ notes, isTableLast: true, text: 'x'.repeat(99) }), chunkSize)).toEqual(expected);
  });

  it('knows nothing of notes that passed before anything named them', () => {
    const elf = buildElf({ notes: [abiTag([3, 2, 0])], gap: 50_000, isTableLast: true, text: 'x'.repeat(50_000) });

    expect(read(elf, 1000)).toEqual({ architecture: 'amd64', kernelMinimum: null, isaLevel: null });
  });

  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['a script', Buffer.from(`#!/bin/sh\n${'#'.repeat(100)}`)],
    ['a head that is cut', buildElf().subarray(0, 63)],
    ['a class that there is not', Buffer.concat([Buffer.from('\x7fELF\x03'), buildElf().subarray(5)])],
    ['an order that there is not', Buffer.concat([Buffer.from('\x7fELF\x02\x00'), buildElf().subarray(6)])],
    ['a machine that no image is for', buildElf({ machine: 2 })],
    ['x32', buildElf({ machine: 62, is64: false })],
    ['more segments than a program has', withShort(buildElf(), 56, 0xffff)],
    ['segments that are too small', withShort(buildElf({ notes: [abiTag([3, 2, 0])] }), 54, 8)],
  ])('leaves %s alone', (_name, file) => {
    expect(read(file)).toBeNull();
  });

  it.each<[string, Buffer]>([
    ['a note of another maker', buildElf({ notes: [{ ...abiTag([3, 2, 0]), name: 'Go\0\0' }] })],
    ['another system', buildElf({ notes: [abiTag([3, 2, 0], true, 1)] })],
    ['a version that there never was', buildElf({ notes: [abiTag([3, 2, 0xffffffff])] })],
    ['a tag that is cut', buildElf({ notes: [{ type: 1, description: Buffer.alloc(8) }] })],
    ['a property that is cut', buildElf({ notes: [{ type: 5, description: Buffer.from('028000c0ff000000', 'hex') }] })],
    ['a table out of reach', withLong(buildElf({ notes: [abiTag([3, 2, 0])] }), 32, 0xffff_ffff_ffff_fff0n)],
    ['notes out of reach', withLong(buildElf({ notes: [abiTag([3, 2, 0])] }), 64 + 8, 0xffff_ffff_ffff_fff0n)],
    ['notes of any size', withLong(buildElf({ notes: [abiTag([3, 2, 0])] }), 64 + 32, 0x7fff_ffff_ffffn)],
    ['a name longer than its note', withWord(buildElf({ notes: [abiTag([3, 2, 0])] }), 120, 0xffff_ffff)],
    ['a description longer than its note', withWord(buildElf({ notes: [abiTag([3, 2, 0])] }), 124, 0xffff_ffff)],
  ])('says nothing of %s', (_name, file) => {
    expect(read(file)).toEqual({ architecture: 'amd64', kernelMinimum: null, isaLevel: null });
  });

  it('comes to an end with any damage, and never throws', () => {
    const files = [
      buildElf({ notes: [abiTag([3, 2, 0]), isaNeeded(2)] }),
      buildElf({ machine: 22, isLittleEndian: false, notes: [abiTag([3, 2, 0], false)] }),
      buildElf({ machine: 3, is64: false, notes: [abiTag([3, 2, 0])], isTableLast: true }),
    ];
    const damage = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        damage,
        fc.nat(400),
        fc.integer({ min: 1, max: 90 }),
        (file, at, cut, size) => {
          const damaged = Buffer.from(file);
          for (const [offset, value] of at) if (offset < damaged.length) damaged[offset] = value;

          const facts = read(damaged.subarray(0, damaged.length - cut), size);

          if (facts !== null) {
            expect(facts.kernelMinimum ?? '0.0.0').toMatch(/^\d{1,3}\.\d{1,3}\.\d{1,3}$/);
            expect(facts.isaLevel ?? 'x86-64-v1').toMatch(/^x86-64-v[1-4]$/);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

function withShort(file: Buffer, at: number, value: number): Buffer {
  file.writeUInt16LE(value, at);
  return file;
}

function withWord(file: Buffer, at: number, value: number): Buffer {
  file.writeUInt32LE(value, at);
  return file;
}

function withLong(file: Buffer, at: number, value: bigint): Buffer {
  file.writeBigUInt64LE(value, at);
  return file;
}
