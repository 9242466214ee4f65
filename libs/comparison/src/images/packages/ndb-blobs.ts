import { NotUnderstood } from './package-source.js';

/*
 * Reads the blobs of an NDB database of rpm out of its bytes. Numbers are little-endian, places are counted in blocks of 16
 * bytes. Pages of slots come first, the head of the file in the place of the first two slots; blobs lie anywhere behind.
 * https://github.com/rpm-software-management/rpm/blob/master/lib/backend/ndb/rpmpkg.cc
 *
 *   head  RpmP  version 0  generation  pages of slots  next number  0 0 0
 *   slot  Slot  number of the package (0: free)  first block  count of blocks
 *   blob  BlbS  number of the package  time  length | content, zeros | Adler-32 of all before  length  BlbE
 */
const BLOCK = 16;
const SLOT_PAGE = 4096;
const HEAD_SIZE = 32;
const [BLOB_HEAD, BLOB_TAIL] = [16, 12];
const MAGIC = { file: mark('RpmP'), slot: mark('Slot'), blobStart: mark('BlbS'), blobEnd: mark('BlbE') } as const;

interface Slot {
  readonly number: number;
  readonly block: number;
  readonly blocks: number;
}

/** @throws NotUnderstood */
export function* ndbBlobs(bytes: Buffer): Generator<Buffer, void, undefined> {
  let [end, numbers] = [0, new Set<number>()];
  for (const slot of slotsOf(bytes).toSorted((a, b) => a.block - b.block)) {
    if (slot.block < end) throw new NotUnderstood(`the blob of package ${slot.number} lies over another`);
    if (numbers.has(slot.number)) throw new NotUnderstood(`it has package ${slot.number} twice`);
    numbers.add(slot.number);
    end = slot.block + slot.blocks;
    yield blobAt(bytes, slot);
  }
}

function slotsOf(bytes: Buffer): Slot[] {
  if (bytes.length < SLOT_PAGE || bytes.readUInt32LE(0) !== MAGIC.file)
    throw new NotUnderstood('it is no NDB database');
  const [version, pages] = [bytes.readUInt32LE(4), bytes.readUInt32LE(12)];
  if (version !== 0) throw new NotUnderstood(`it is of version ${version} of NDB`);
  const size = pages * SLOT_PAGE;
  if (pages === 0 || size > bytes.length || bytes.length % BLOCK !== 0) throw new NotUnderstood('it is cut');
  const slots: Slot[] = [];
  for (let at = HEAD_SIZE; at < size; at += BLOCK) {
    if (bytes.readUInt32LE(at) !== MAGIC.slot) throw new NotUnderstood(`there is no slot at byte ${at}`);
    const slot = {
      number: bytes.readUInt32LE(at + 4),
      block: bytes.readUInt32LE(at + 8),
      blocks: bytes.readUInt32LE(at + 12),
    };
    if (slot.block === 0) continue;
    const isInside = slot.block * BLOCK >= size && (slot.block + slot.blocks) * BLOCK <= bytes.length;
    if (!isInside || slot.number === 0) throw new NotUnderstood(`the slot at byte ${at} leads nowhere`);
    slots.push(slot);
  }
  return slots;
}

function blobAt(bytes: Buffer, { number, block, blocks }: Slot): Buffer {
  const blob = bytes.subarray(block * BLOCK, (block + blocks) * BLOCK);
  const tail = blob.length - BLOB_TAIL;
  if (tail < BLOB_HEAD) throw new NotUnderstood(`package ${number} has no room for a blob`);
  const length = blob.readUInt32LE(12);
  const isBlob =
    blob.readUInt32LE(0) === MAGIC.blobStart &&
    blob.readUInt32LE(4) === number &&
    Math.ceil((BLOB_HEAD + length + BLOB_TAIL) / BLOCK) === blocks &&
    blob.readUInt32LE(tail + 4) === length &&
    blob.readUInt32LE(tail + 8) === MAGIC.blobEnd;
  if (!isBlob) throw new NotUnderstood(`the blob of package ${number} is broken`);
  if (blob.readUInt32LE(tail) !== adler32(blob.subarray(0, tail))) {
    throw new NotUnderstood(`the blob of package ${number} is not what its checksum says`);
  }
  return blob.subarray(BLOB_HEAD, BLOB_HEAD + length);
}

/** So many bytes can be summed before a sum leaves 32 bits: https://www.rfc-editor.org/rfc/rfc1950#section-8.2 */
const ADLER_RUN = 5552;
const ADLER_BASE = 65_521;

function adler32(bytes: Buffer): number {
  let [low, high] = [1, 0];
  for (let start = 0; start < bytes.length; start += ADLER_RUN) {
    for (const byte of bytes.subarray(start, start + ADLER_RUN)) {
      low += byte;
      high += low;
    }
    low %= ADLER_BASE;
    high %= ADLER_BASE;
  }
  return high * 65_536 + low;
}

function mark(text: string): number {
  return Buffer.from(text, 'latin1').readUInt32LE(0);
}
