/** An ELF file of our own making, as small as its notes allow. */
export interface TestElf {
  readonly is64?: boolean;
  readonly isLittleEndian?: boolean;
  /** `e_machine` */
  readonly machine?: number;
  readonly notes?: readonly TestNote[];
  /** Bytes between the head and the notes. */
  readonly gap?: number;
  /** The table of segments stands behind everything, as after patchelf. */
  readonly isTableLast?: boolean;
  /** Behind the notes. */
  readonly text?: string;
}

export interface TestNote {
  readonly type: number;
  readonly name?: string;
  readonly description: Buffer;
  readonly align?: number;
}

const PT_NOTE = 4;

export function buildElf(elf: TestElf = {}): Buffer {
  const { is64 = true, isLittleEndian = true, machine = 62, notes = [], gap = 0, isTableLast = false, text = '' } = elf;
  const words = writer(isLittleEndian);
  const [headerSize, entrySize] = is64 ? [64, 56] : [52, 32];
  const tableSize = entrySize * notes.length;
  let offset = headerSize + (isTableLast ? 0 : tableSize) + gap;
  offset = Math.ceil(offset / 8) * 8;
  const firstNote = offset;
  const table: Buffer[] = [];
  const bodies: Buffer[] = [];
  for (const note of notes) {
    const { align = 4 } = note;
    const body = noteBytes(note, align, words);
    table.push(
      is64
        ? Buffer.concat([words(4, PT_NOTE, 4), words(8, offset, 0, 0, body.length, body.length, align)])
        : words(4, PT_NOTE, offset, 0, 0, body.length, body.length, 4, align),
    );
    const kept = padded(body, 8);
    bodies.push(kept);
    offset += kept.length;
  }
  const tail = Buffer.from(text, 'latin1');
  const tableAt = isTableLast ? offset + tail.length : headerSize;
  const ident = Buffer.from([0x7f, 0x45, 0x4c, 0x46, is64 ? 2 : 1, isLittleEndian ? 1 : 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  const header = Buffer.concat([
    ident,
    words(2, 3, machine),
    words(4, 1),
    words(is64 ? 8 : 4, 0, tableAt, 0),
    words(4, 0),
    words(2, headerSize, entrySize, notes.length, 0, 0, 0),
  ]);
  const head = isTableLast ? header : Buffer.concat([header, ...table]);
  const before = Buffer.concat([head, Buffer.alloc(firstNote - head.length, 0x11)]);
  return Buffer.concat([before, ...bodies, tail, ...(isTableLast ? table : [])]);
}

/** `NT_GNU_ABI_TAG` for a version of Linux. */
export function abiTag(version: readonly [number, number, number], isLittleEndian = true, os = 0): TestNote {
  return { type: 1, description: writer(isLittleEndian)(4, os, ...version) };
}

/** `NT_GNU_PROPERTY_TYPE_0` with a property before the one of the instruction set, as linkers write them. */
export function isaNeeded(bits: number, { is64 = true, isLittleEndian = true } = {}): TestNote {
  const words = writer(isLittleEndian);
  const property = (type: number, value: number): Buffer => padded(words(4, type, 4, value), is64 ? 8 : 4);
  return {
    type: 5,
    description: Buffer.concat([property(0xc0000002, 3), property(0xc0008002, bits)]),
    align: is64 ? 8 : 4,
  };
}

function noteBytes({ type, name = 'GNU\0', description }: TestNote, align: number, words: Words): Buffer {
  const named = padded(Buffer.concat([words(4, name.length, description.length, type), Buffer.from(name)]), align);
  return padded(Buffer.concat([named, description]), align);
}

type Words = (size: 2 | 4 | 8, ...values: number[]) => Buffer;

function writer(isLittleEndian: boolean): Words {
  return (size, ...values) =>
    Buffer.concat(
      values.map((value) => {
        const bytes = Buffer.alloc(size);
        let rest = BigInt(value);
        for (let index = 0; index < size; index += 1, rest >>= 8n) {
          bytes[isLittleEndian ? index : size - 1 - index] = Number(rest & 0xffn);
        }
        return bytes;
      }),
    );
}

function padded(bytes: Buffer, size: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(Math.ceil(bytes.length / size) * size - bytes.length)]);
}
