import { inflateSync } from 'node:zlib';
import { convertIndexedToRgb, decode } from 'fast-png';
import { Unreadable } from './finding.js';

/** Of one picture: a page at 600 dots per inch has them. */
const MAX_PIXELS = 32 * 1024 * 1024;
const MAX_UNPACKED_SIZE = 128 * 1024 * 1024;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Chunks that decide the pixels. The others are notes about the picture, some of them compressed: they are not opened. */
const PIXEL_CHUNKS: ReadonlySet<string> = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);
/** Colour types of https://www.w3.org/TR/png-3/#11IHDR, and how many numbers a pixel has. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Writes red, green, blue and opacity of a pixel, each 0..65535 whatever the file stores. */
  read(pixel: number, into: Uint16Array): void;
}

export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.equals(bytes.subarray(0, SIGNATURE.length));
}

/** @throws Unreadable also when the picture is animated, or larger than is read here */
export function readPng(bytes: Uint8Array): Picture {
  const chunks = chunksOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (chunks.some(({ type }) => type === 'acTL')) throw new Unreadable('an animated picture');
  assertSize(chunks);
  try {
    return toPicture(decode(Buffer.concat([SIGNATURE, ...chunks.map(({ whole }) => whole)])));
  } catch (error) {
    throw new Unreadable('not a readable PNG', { cause: error });
  }
}

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
  /** With length, type and checksum. */
  readonly whole: Buffer;
}

function chunksOf(bytes: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  for (let offset = SIGNATURE.length; offset + 12 <= bytes.length;) {
    const end = offset + 12 + bytes.readUInt32BE(offset);
    if (end > bytes.length) break;
    const type = bytes.toString('latin1', offset + 4, offset + 8);
    if (PIXEL_CHUNKS.has(type) || type === 'acTL') {
      chunks.push({ type, data: bytes.subarray(offset + 8, end - 4), whole: bytes.subarray(offset, end) });
    }
    if (type === 'IEND') return chunks;
    offset = end;
  }
  throw new Unreadable('a PNG without an end');
}

/** The bytes that unpack from a picture must be as many as its header says: a small file cannot fill the memory. */
function assertSize(chunks: readonly Chunk[]): void {
  const header = chunks[0];
  if (header?.type !== 'IHDR' || header.data.length !== 13 || chunks.filter(({ type }) => type === 'IHDR').length > 1) {
    throw new Unreadable('a PNG without one header');
  }
  const [width, height, depth] = [header.data.readUInt32BE(0), header.data.readUInt32BE(4), header.data.readUInt8(8)];
  const channels = CHANNELS[header.data.readUInt8(9)] ?? 0;
  if (width === 0 || height === 0 || width * height > MAX_PIXELS) throw new Unreadable(`${width} x ${height} pixels`);
  const isInterlaced = header.data.readUInt8(12) === 1;
  if (channels === 0 || (isInterlaced && depth < 8)) throw new Unreadable('a kind of PNG that is not read here');
  const expected = isInterlaced
    ? interlacedSize(width, height, (depth / 8) * channels)
    : height * (1 + Math.ceil((width * channels * depth) / 8));
  if (expected > MAX_UNPACKED_SIZE) throw new Unreadable(`${expected} bytes of pixels`);
  const packed = Buffer.concat(chunks.flatMap(({ type, data }) => (type === 'IDAT' ? [data] : [])));
  if (unpackedSize(packed, expected) !== expected) throw new Unreadable('pixels are missing, or there are too many');
}

function unpackedSize(packed: Buffer, expected: number): number {
  try {
    return inflateSync(packed, { maxOutputLength: expected }).length;
  } catch (error) {
    throw new Unreadable('pixels cannot be unpacked', { cause: error });
  }
}

/** https://www.w3.org/TR/png-3/#8InterlaceMethods */
function interlacedSize(width: number, height: number, pixelSize: number): number {
  const passes = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ] as const;
  return passes.reduce((sum, [x, y, stepX, stepY]) => {
    const columns = Math.ceil((width - x) / stepX);
    const rows = Math.ceil((height - y) / stepY);
    return columns > 0 && rows > 0 ? sum + rows * (1 + columns * pixelSize) : sum;
  }, 0);
}

type Decoded = ReturnType<typeof decode>;

function toPicture(png: Decoded): Picture {
  const { width, height } = png;
  const isIndexed = png.palette !== undefined && png.channels === 1;
  const values = isIndexed ? convertIndexedToRgb(png) : samplesOf(png);
  const channels = isIndexed ? (png.palette?.[0]?.length ?? 3) : png.channels;
  const scale = isIndexed ? 257 : 65535 / (2 ** png.depth - 1);
  const hidden = isIndexed ? [] : [...(png.transparency ?? [])];
  const isGrey = channels < 3;
  const opacity = isGrey ? 1 : 3;
  const read = (pixel: number, into: Uint16Array): void => {
    const at = pixel * channels;
    const isHidden = hidden.length > 0 && hidden.every((value, index) => values[at + index] === value);
    into[0] = (values[at] ?? 0) * scale;
    into[1] = (values[isGrey ? at : at + 1] ?? 0) * scale;
    into[2] = (values[isGrey ? at : at + 2] ?? 0) * scale;
    into[3] = isHidden ? 0 : channels > opacity ? (values[at + opacity] ?? 0) * scale : 65535;
  };
  return { width, height, read };
}

/** Grey values of less than eight bits are packed; each line begins with a byte of its own. */
function samplesOf({ data, depth, width, height, channels }: Decoded): Decoded['data'] {
  if (depth >= 8) return data;
  const samples = new Uint8Array(width * height * channels);
  const lineSize = Math.ceil((width * depth) / 8);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      const byte = data[y * lineSize + (bit >> 3)] ?? 0;
      samples[y * width + x] = (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
    }
  }
  return samples;
}
