/**
 * One 512-byte tar header, as bytes.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06 (ustar)
 * https://www.gnu.org/software/tar/manual/html_node/Standard.html (GNU extensions: base-256 numbers, typeflags L K S)
 */
export const TAR_BLOCK = 512;

export interface TarHeader {
  readonly name: Uint8Array;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly typeflag: string;
  readonly linkname: Uint8Array;
  readonly uname: Uint8Array;
  readonly gname: Uint8Array;
  readonly devMajor: number;
  readonly devMinor: number;
}

export type TarHeaderFault = 'checksum' | 'number' | 'number-negative' | 'number-too-large';

/** Field name -> [offset, length] */
const FIELD = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  typeflag: [156, 1],
  linkname: [157, 100],
  magic: [257, 8],
  uname: [265, 32],
  gname: [297, 32],
  devMajor: [329, 8],
  devMinor: [337, 8],
  prefix: [345, 155],
} as const;
type FieldName = keyof typeof FIELD;

const SPACE = 0x20;
const SLASH = 0x2f;
const DIGIT_ZERO = 0x30;
const USTAR = ascii('ustar');
const STAR = ascii('tar\0');

export function isZeroBlock(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/** @returns the header, or the first fault found in it */
export function parseTarHeader(
  block: Uint8Array,
): TarHeader | { readonly fault: TarHeaderFault; readonly field: string } {
  const stored = parseNumber(field(block, 'checksum'));
  if (typeof stored === 'string' || !checksums(block).includes(stored)) return { fault: 'checksum', field: 'checksum' };

  const isUstar = hasUstarFields(block);
  const numbers = { mode: 0, uid: 0, gid: 0, size: 0, mtime: 0, devMajor: 0, devMinor: 0 };
  for (const name of ['mode', 'uid', 'gid', 'size', 'mtime', 'devMajor', 'devMinor'] as const) {
    // Version 7 headers have no device fields; what stands there is not a number.
    if (!isUstar && (name === 'devMajor' || name === 'devMinor')) continue;
    const value = parseNumber(field(block, name));
    if (typeof value === 'string') return { fault: value, field: name };
    if (value < 0 && name !== 'mtime') return { fault: 'number-negative', field: name };
    numbers[name] = value;
  }
  return {
    ...numbers,
    name: fullName(block),
    typeflag: String.fromCharCode(block[FIELD.typeflag[0]] ?? 0),
    linkname: text(field(block, 'linkname')),
    uname: isUstar ? text(field(block, 'uname')) : new Uint8Array(0),
    gname: isUstar ? text(field(block, 'gname')) : new Uint8Array(0),
  };
}

/** Numbers that do not fit their field are written as 0: a PAX record carries the value. */
export function encodeTarHeader(header: TarHeader): Uint8Array {
  const block = new Uint8Array(TAR_BLOCK);
  const put = (name: FieldName, bytes: Uint8Array) => block.set(bytes.subarray(0, FIELD[name][1]), FIELD[name][0]);
  put('name', header.name);
  for (const name of ['mode', 'uid', 'gid', 'size', 'mtime', 'devMajor', 'devMinor'] as const) {
    put(name, octal(fitsOctal(header[name], FIELD[name][1]) ? header[name] : 0, FIELD[name][1]));
  }
  put('typeflag', ascii(header.typeflag));
  put('linkname', header.linkname);
  put('magic', ascii('ustar\x0000'));
  put('uname', header.uname);
  put('gname', header.gname);
  const [unsigned] = checksums(block);
  put('checksum', ascii(`${unsigned.toString(8).padStart(6, '0')}\0 `));
  return block;
}

/** Whether a header can carry the number, in a field of `length` bytes, as every reader understands it. */
export function fitsOctal(value: number, length: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 8 ** (length - 1);
}

/** The sum over unsigned bytes, and the one over signed bytes that some old writers made. */
function checksums(block: Uint8Array): [number, number] {
  const [start, length] = FIELD.checksum;
  let unsigned = length * SPACE;
  let high = 0;
  for (let index = 0; index < TAR_BLOCK; index += 1) {
    if (index === start) index += length;
    const byte = block[index] ?? 0;
    unsigned += byte;
    high += byte >> 7;
  }
  return [unsigned, unsigned - 256 * high];
}

/** Octal digits between spaces and NULs, or base-256 when the top bit is set. */
function parseNumber(bytes: Uint8Array): number | TarHeaderFault {
  if (((bytes[0] ?? 0) & 0x80) !== 0) return parseBase256(bytes);
  let start = 0;
  let end = bytes.length;
  while (start < end && isBlank(bytes[start])) start += 1;
  while (start < end && isBlank(bytes[end - 1])) end -= 1;
  let value = 0;
  for (let index = start; index < end; index += 1) {
    const digit = (bytes[index] ?? 0) - DIGIT_ZERO;
    if (digit < 0 || digit > 7) return 'number';
    value = value * 8 + digit;
  }
  return value;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0 || byte === SPACE;
}

/** Two's complement over all bits but the top one, which is only the marker. */
function parseBase256(bytes: Uint8Array): number | TarHeaderFault {
  const isNegative = ((bytes[0] ?? 0) & 0x40) !== 0;
  let value = isNegative ? -1n : 0n;
  for (const [index, byte] of bytes.entries()) {
    value = (value << 8n) | BigInt(index === 0 ? (isNegative ? byte : byte & 0x7f) : byte);
  }
  const asNumber = Number(BigInt.asIntN(bytes.length * 8, value));
  return Number.isSafeInteger(asNumber) ? asNumber : 'number-too-large';
}

function fullName(block: Uint8Array): Uint8Array {
  const name = text(field(block, 'name'));
  // The GNU format ("ustar  ") keeps times where POSIX ("ustar\0") keeps the prefix.
  if (!hasUstarFields(block) || block[FIELD.magic[0] + USTAR.length] !== 0) return name;
  // The star archiver signs the last four bytes and shortens the prefix for two times.
  const prefix = text(field(block, 'prefix').subarray(0, startsWith(block.subarray(508), STAR) ? 131 : 155));
  return prefix.length === 0 ? name : Buffer.concat([prefix, Uint8Array.of(SLASH), name]);
}

function hasUstarFields(block: Uint8Array): boolean {
  return startsWith(field(block, 'magic'), USTAR);
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}

function field(block: Uint8Array, name: FieldName): Uint8Array {
  const [offset, length] = FIELD[name];
  return block.subarray(offset, offset + length);
}

function text(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  // A copy: the input may use its buffer again, and a view would keep all of it alive.
  return new Uint8Array(bytes.subarray(0, end === -1 ? bytes.length : end));
}

function octal(value: number, length: number): Uint8Array {
  return ascii(`${value.toString(8).padStart(length - 1, '0')}\0`);
}

function ascii(value: string): Uint8Array {
  return Buffer.from(value, 'latin1');
}
