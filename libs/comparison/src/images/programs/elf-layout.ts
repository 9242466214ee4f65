/**
 * As much of ELF as leads to its notes: https://gabi.xinuos.com/elf/02-eheader.html. Both classes and byte orders; offsets
 * are whatever the file says, and whoever follows them looks whether there is such a place.
 */
export interface ElfHeader {
  readonly is64: boolean;
  readonly isLittleEndian: boolean;
  /** GOARCH of the machine, as images name it. */
  readonly architecture: string;
  readonly segmentTable: { readonly offset: number; readonly entrySize: number; readonly count: number };
}

export interface ElfSegment {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  readonly align: number;
}

/** Of the longer of the two. */
export const ELF_HEADER_SIZE = 64;
export const PT_NOTE = 4;
export const PT_GNU_PROPERTY = 0x6474e553;

/** Programs have a dozen; a table of more is not looked at. */
const MAX_SEGMENTS = 256;
const MAX_ENTRY_SIZE = 128;

/** @param bytes `ELF_HEADER_SIZE` of them; null: no ELF file, or of a machine that no image is for */
export function readElfHeader(bytes: Buffer): ElfHeader | null {
  const [kind, order] = [bytes[4], bytes[5]];
  if (bytes.readUInt32BE(0) !== 0x7f454c46 || (kind !== 1 && kind !== 2) || (order !== 1 && order !== 2)) return null;
  const [is64, isLittleEndian] = [kind === 2, order === 1];
  const short = (at: number): number => (isLittleEndian ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const architecture = architectureOf(short(18), is64, isLittleEndian);
  const at = is64 ? { offset: 32, entrySize: 54, count: 56 } : { offset: 28, entrySize: 42, count: 44 };
  const [entrySize, count] = [short(at.entrySize), short(at.count)];
  const least = is64 ? 56 : 32;
  if (architecture === null || count > MAX_SEGMENTS || entrySize < least || entrySize > MAX_ENTRY_SIZE) return null;
  const offset = addressAt(bytes, at.offset, is64, isLittleEndian);
  return { is64, isLittleEndian, architecture, segmentTable: { offset, entrySize, count } };
}

/** @param table all of it */
export function readElfSegments({ is64, isLittleEndian, segmentTable }: ElfHeader, table: Buffer): ElfSegment[] {
  const at = is64 ? { offset: 8, size: 32, align: 48 } : { offset: 4, size: 16, align: 28 };
  return Array.from({ length: segmentTable.count }, (_, index) => {
    const entry = table.subarray(index * segmentTable.entrySize, (index + 1) * segmentTable.entrySize);
    return {
      type: isLittleEndian ? entry.readUInt32LE(0) : entry.readUInt32BE(0),
      offset: addressAt(entry, at.offset, is64, isLittleEndian),
      size: addressAt(entry, at.size, is64, isLittleEndian),
      align: addressAt(entry, at.align, is64, isLittleEndian),
    };
  });
}

/** Inexact beyond 2^53, where no file reaches. */
function addressAt(bytes: Buffer, at: number, is64: boolean, isLittleEndian: boolean): number {
  if (!is64) return isLittleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  return Number(isLittleEndian ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
}

function architectureOf(machine: number, is64: boolean, isLittleEndian: boolean): string | null {
  switch (machine) {
    case 3:
      return '386';
    case 8:
      return `mips${is64 ? '64' : ''}${isLittleEndian ? 'le' : ''}`;
    case 21:
      return isLittleEndian ? 'ppc64le' : 'ppc64';
    case 22:
      return is64 ? 's390x' : null;
    case 40:
      return 'arm';
    case 62:
      // x32 has 32-bit addresses, and no image is for it.
      return is64 ? 'amd64' : null;
    case 183:
      return is64 ? 'arm64' : null;
    case 243:
      return is64 ? 'riscv64' : null;
    case 258:
      return is64 ? 'loong64' : null;
    default:
      return null;
  }
}
