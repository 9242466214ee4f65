import { NotUnderstood } from './package-source.js';

/*
 * Reads a hash table of Berkeley DB (version 7 of its pages, of 3.2, to 10, of 6) out of its bytes, in the order of its
 * buckets: what is needed to list what is stored, and no more. Numbers stand in the order of bytes of the machine that wrote
 * them. Nothing of a stranger is believed: each page is read once, and says itself which it is.
 *
 *   page 0: what the table is                            pages of buckets, chained          pages of long items, chained
 *    12 magic  16 version  20 size of pages               8 number of the page               8 number of the page
 *    24 encryption  25 type  26 flags  32 last page      16 next                            16 next
 *    72 last bucket                                      20 count of items  25 type         22 length in this page  25 type
 *    96 where the buckets of 0, 1, 2-3, 4-7 ... lie      26 offsets; key, value, key, ...   26 content
 */
const MAGIC = 0x0006_1561;
const [OLDEST, NEWEST] = [7, 10];
const META_SIZE = 512;
const AT = { number: 8, magic: 12, next: 16, version: 16, pageSize: 20, items: 20, length: 22 } as const;
const META_AT = { encryption: 24, type: 25, flags: 26, lastPage: 32, lastBucket: 72, spares: 96 } as const;
const TYPE_AT = 25;
const PAGE_HEADER = 26;
const SPARES = 32;
/** Items of a page in no order, as before 4.6, and in that of their keys. */
const BUCKET_TYPES: ReadonlySet<number> = new Set([2, 13]);
const [META_TYPE, OVERFLOW_TYPE, UNUSED_TYPE] = [8, 7, 0];
/** Kinds of items: what is in the page, and what is not for its length. */
const [INLINE, OFF_PAGE] = [1, 3];
const OFF_PAGE_SIZE = 12;

export interface StoredItem {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** A database, and which of its pages were read. */
class HashTable {
  readonly pageSize: number;
  readonly lastBucket: number;
  readonly #isLittle: boolean;
  readonly #lastPage: number;
  readonly #seen: Uint8Array;

  constructor(readonly bytes: Buffer) {
    if (bytes.length < META_SIZE) throw new NotUnderstood('it is too short for a Berkeley DB');
    this.#isLittle = bytes.readUInt32LE(AT.magic) === MAGIC;
    if (this.number(AT.magic) !== MAGIC) throw new NotUnderstood('it is no hash table of a Berkeley DB');
    const version = this.number(AT.version);
    if (version < OLDEST || version > NEWEST || bytes[META_AT.type] !== META_TYPE) {
      throw new NotUnderstood(`its pages are of version ${version} of Berkeley DB`);
    }
    if (bytes[META_AT.encryption] !== 0 || bytes[META_AT.flags] !== 0) {
      throw new NotUnderstood('it is encrypted, partitioned or has checksums, as rpm writes none');
    }
    this.pageSize = this.number(AT.pageSize);
    const isPageSize = this.pageSize >= 512 && this.pageSize <= 65_536 && (this.pageSize & (this.pageSize - 1)) === 0;
    if (!isPageSize) throw new NotUnderstood(`${this.pageSize} is no size of its pages`);
    this.lastBucket = this.number(META_AT.lastBucket);
    this.#lastPage = this.number(META_AT.lastPage);
    this.#seen = new Uint8Array(Math.floor(bytes.length / this.pageSize));
  }

  number(at: number): number {
    return this.#isLittle ? this.bytes.readUInt32LE(at) : this.bytes.readUInt32BE(at);
  }

  short(at: number): number {
    return this.#isLittle ? this.bytes.readUInt16LE(at) : this.bytes.readUInt16BE(at);
  }

  /** Buckets come in groups, each twice as many as all before, and each group lies in one piece. */
  pageOfBucket(bucket: number): number {
    const group = 32 - Math.clz32(bucket);
    if (group >= SPARES) throw new NotUnderstood(`it has ${bucket} buckets`);
    return bucket + this.number(META_AT.spares + 4 * group);
  }

  /** @returns where the page begins; each is asked for once, so that no chain is endless */
  enter(page: number): number {
    if (page < 1 || page > this.#lastPage || page >= this.#seen.length) {
      throw new NotUnderstood(`page ${page} is named, and there is none`);
    }
    if (this.#seen[page] === 1) throw new NotUnderstood(`page ${page} is named twice`);
    this.#seen[page] = 1;
    return page * this.pageSize;
  }

  assertNumber(start: number, page: number): void {
    const number = this.number(start + AT.number);
    if (number !== page) throw new NotUnderstood(`page ${page} calls itself ${number}`);
  }
}

/** @throws NotUnderstood */
export function* berkeleyHashItems(bytes: Buffer): Generator<StoredItem, void, undefined> {
  const table = new HashTable(bytes);
  for (let bucket = 0; bucket <= table.lastBucket; bucket++) {
    let page = table.pageOfBucket(bucket);
    do {
      const start = table.enter(page);
      const type = bytes[start + TYPE_AT] ?? 0;
      // Buckets that were made at once are pages of nothing until they are first written.
      if (type === UNUSED_TYPE && table.number(start + AT.number) === 0) break;
      table.assertNumber(start, page);
      if (!BUCKET_TYPES.has(type)) throw new NotUnderstood(`page ${page} is none of a bucket`);
      yield* itemsOfPage(table, page);
      page = table.number(start + AT.next);
    } while (page !== 0);
  }
}

function* itemsOfPage(table: HashTable, page: number): Generator<StoredItem, void, undefined> {
  const start = page * table.pageSize;
  const count = table.short(start + AT.items);
  const first = PAGE_HEADER + 2 * count;
  if (count % 2 !== 0 || first > table.pageSize) throw new NotUnderstood(`page ${page} has ${count} items`);
  // Items lie from the end of the page towards its beginning, and each ends where the one before it begins.
  let end = table.pageSize;
  const next = (index: number): Buffer => {
    const offset = table.short(start + PAGE_HEADER + 2 * index);
    if (offset < first || offset >= end) throw new NotUnderstood(`an item leaves page ${page}`);
    const item = table.bytes.subarray(start + offset, start + end);
    end = offset;
    return item;
  };
  for (let index = 0; index < count; index += 2) {
    const [key, value] = [next(index), next(index + 1)];
    yield { key: contentOf(table, key, page), value: contentOf(table, value, page) };
  }
}

function contentOf(table: HashTable, item: Buffer, page: number): Buffer {
  if (item[0] === INLINE) return item.subarray(1);
  if (item[0] !== OFF_PAGE || item.length !== OFF_PAGE_SIZE) {
    throw new NotUnderstood(`page ${page} has an item of a kind that rpm does not write`);
  }
  const at = item.byteOffset - table.bytes.byteOffset;
  return longContent(table, table.number(at + 4), table.number(at + 8));
}

function longContent(table: HashTable, firstPage: number, size: number): Buffer {
  if (size > table.bytes.length) throw new NotUnderstood(`an item of ${size} bytes is longer than the file`);
  const parts: Buffer[] = [];
  let page = firstPage;
  for (let left = size; left > 0;) {
    const start = table.enter(page);
    table.assertNumber(start, page);
    const length = table.short(start + AT.length);
    const isPart = table.bytes[start + TYPE_AT] === OVERFLOW_TYPE && PAGE_HEADER + length <= table.pageSize;
    if (!isPart || length > left) throw new NotUnderstood(`page ${page} is no part of a long item`);
    parts.push(table.bytes.subarray(start + PAGE_HEADER, start + PAGE_HEADER + length));
    left -= length;
    page = table.number(start + AT.next);
  }
  return Buffer.concat(parts);
}
