/*
 * Reads one table of an SQLite database out of its bytes: what is needed of https://www.sqlite.org/fileformat2.html to
 * list rows, and no more. Pages and sizes of a stranger are never believed: each page is read once, and nothing is longer
 * than the file.
 */

const MAGIC = 'SQLite format 3\0';
const HEADER_SIZE = 100;
const LEAF = 0x0d;
const INTERIOR = 0x05;
const UTF8 = 1;

export type SqliteValue = number | string | Buffer | null;

class NotADatabase extends Error {
  override readonly name = 'NotADatabase';
}

interface Database {
  readonly bytes: Buffer;
  readonly pageSize: number;
  /** Of a page, without what extensions keep at its end. */
  readonly usable: number;
  /** Bytes of rows that may still come: cells of a page that lie over each other would say the same many times. */
  left: number;
}

/** @returns every row, columns in the order of the table; null: no SQLite database, broken, or no such table */
export function readSqliteTable(bytes: Buffer, table: string): SqliteValue[][] | null {
  try {
    const database = openDatabase(bytes);
    const schema = [...rowsOf(database, 1)];
    const root = schema.find(([type, name]) => type === 'table' && name === table)?.[3];
    return typeof root === 'number' ? [...rowsOf(database, root)] : null;
  } catch (error) {
    if (error instanceof NotADatabase || error instanceof RangeError) return null;
    throw error;
  }
}

function openDatabase(bytes: Buffer): Database {
  if (bytes.length < HEADER_SIZE || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw new NotADatabase('magic');
  const written = bytes.readUInt16BE(16);
  const pageSize = written === 1 ? 65_536 : written;
  const usable = pageSize - bytes.readUInt8(20);
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0 || usable < 480) throw new NotADatabase('page size');
  if (bytes.readUInt32BE(56) !== UTF8) throw new NotADatabase('encoding');
  return { bytes, pageSize, usable, left: bytes.length };
}

function pageOf({ bytes, pageSize }: Database, number: number): Buffer {
  const start = (number - 1) * pageSize;
  if (number < 1 || start + pageSize > bytes.length) throw new NotADatabase('page number');
  return bytes.subarray(start, start + pageSize);
}

function* rowsOf(database: Database, root: number): Generator<SqliteValue[], void, undefined> {
  const seen = new Set<number>();
  const waiting = [root];
  for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
    if (seen.has(number)) throw new NotADatabase('pages in a circle');
    seen.add(number);
    const page = pageOf(database, number);
    const header = number === 1 ? HEADER_SIZE : 0;
    const kind = page.readUInt8(header);
    const cells = page.readUInt16BE(header + 3);
    if (kind === LEAF) {
      for (let i = 0; i < cells; i++) yield recordAt(database, page, page.readUInt16BE(header + 8 + 2 * i), seen);
    } else if (kind === INTERIOR) {
      const children = Array.from({ length: cells }, (_, i) =>
        page.readUInt32BE(page.readUInt16BE(header + 12 + 2 * i)),
      );
      waiting.push(...[...children, page.readUInt32BE(header + 8)].reverse());
    } else throw new NotADatabase('page of another kind');
  }
}

function recordAt(database: Database, page: Buffer, offset: number, seen: Set<number>): SqliteValue[] {
  const [size, afterSize] = varint(page, offset);
  const [, start] = varint(page, afterSize);
  return valuesOf(payloadAt(database, page, { start, size }, seen));
}

/** The part of a payload that lies in its page, and then page by page where it overflows. */
function payloadAt(
  database: Database,
  page: Buffer,
  { start, size }: { readonly start: number; readonly size: number },
  seen: Set<number>,
): Buffer {
  const { usable } = database;
  database.left -= size;
  if (database.left < 0) throw new NotADatabase('payload size');
  const most = usable - 35;
  if (size <= most) return part(page, start, size);
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const wanted = least + ((size - least) % (usable - 4));
  const local = wanted <= most ? wanted : least;
  const parts = [part(page, start, local)];
  let next = page.readUInt32BE(start + local);
  for (let left = size - local; left > 0;) {
    if (seen.has(next)) throw new NotADatabase('pages in a circle');
    seen.add(next);
    const overflow = pageOf(database, next);
    const length = Math.min(left, usable - 4);
    parts.push(part(overflow, 4, length));
    left -= length;
    next = overflow.readUInt32BE(0);
  }
  return Buffer.concat(parts);
}

function valuesOf(payload: Buffer): SqliteValue[] {
  const [headerSize, first] = varint(payload, 0);
  const values: SqliteValue[] = [];
  let at = headerSize;
  for (let position = first; position < headerSize;) {
    const [type, next] = varint(payload, position);
    const length = lengthOf(type);
    values.push(valueOf(type, part(payload, at, length)));
    at += length;
    position = next;
  }
  return values;
}

/** Of integers, by their serial type. */
const INTEGER_LENGTHS = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0] as const;

function lengthOf(type: number): number {
  if (type >= 12) return Math.floor((type - 12) / 2);
  const length = INTEGER_LENGTHS[type];
  if (length === undefined) throw new NotADatabase('serial type');
  return length;
}

function valueOf(type: number, bytes: Buffer): SqliteValue {
  if (type === 0) return null;
  if (type >= 12) return type % 2 === 0 ? bytes : bytes.toString('utf8');
  if (type === 7) return bytes.readDoubleBE(0);
  if (type >= 8) return type - 8;
  return bytes.length <= 6 ? bytes.readIntBE(0, bytes.length) : Number(bytes.readBigInt64BE(0));
}

function part(bytes: Buffer, start: number, length: number): Buffer {
  if (start + length > bytes.length) throw new NotADatabase('content past its end');
  return bytes.subarray(start, start + length);
}

/** Seven bits a byte, most significant first; the ninth byte has eight. */
function varint(bytes: Buffer, offset: number): [value: number, next: number] {
  let value = 0;
  for (let i = 0; i < 9; i++) {
    const byte = bytes.readUInt8(offset + i);
    if (i === 8) return [value * 256 + byte, offset + 9];
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return [value, offset + i + 1];
  }
  throw new NotADatabase('varint');
}
