import type { Random } from './random.js';

/** What a case is made of at most; beyond lies the readers' own limit, which has a test of its own. */
const MOST_BYTES = 1024 * 1024;
/** How long a repeated piece gets: long enough to show what takes the square of it. */
const REPEATED_BYTES = 200_000;

/** Marks of many grammars, and numbers and names at which programs break. */
const TOKENS: readonly [string, ...string[]] = [
  ...('[ ] { } ( ) < > " \' ` , : ; = # % & * ! | @ $ ~ ^ - + . / \\ \t \r \n \r\n \0 \u00a0 \u2028 \ufeff \ud83d\ude00'.split(
    ' ',
  ) as [string, ...string[]]),
  ' ',
  '\n\n',
  '"""',
  '<<EOF\n',
  '&a *a',
  '!!binary ',
  '<!DOCTYPE a [<!ENTITY b "c">]>',
  '<![CDATA[',
  '&#x0;',
  '\\u0000',
  '${a:-${b}}',
  '{{ a }}',
  '$(a)',
  '#|',
  '#;',
  "'(",
  '__proto__',
  'constructor',
  '-1',
  '0x1f',
  '1e999',
  '9007199254740993',
  '99999999999999999999999999',
  'null',
  'true',
  '==',
  '@ file:///',
  'git+https://user:pass@h.example.org/r@v#egg=a',
  'sha256:',
];

type Damage = (bytes: Buffer, random: Random, other: Buffer) => Buffer;

const DAMAGES: readonly [Damage, ...Damage[]] = [
  truncate,
  changeBytes,
  changeBytes,
  removePiece,
  doublePiece,
  repeatPiece,
  insertToken,
  insertToken,
  repeatToken,
  moveLine,
  doubleLine,
  splice,
  changeLineEnds,
  changeEncoding,
];

/** A sample after one to six accidents. @param other another sample, for a piece of it */
export function damaged(sample: Buffer, random: Random, other: Buffer): Buffer {
  let bytes: Buffer = Buffer.from(sample);
  for (let count = 1 + random.below(6); count > 0; count -= 1) {
    bytes = random.pick(DAMAGES)(bytes, random, other).subarray(0, MOST_BYTES);
  }
  return bytes;
}

/** No file of anything: any bytes, or marks of grammars in any order. */
export function noise(random: Random): Buffer {
  const length = random.below(random.pick([16, 256, 4096, 65_536]));
  if (random.below(2) === 0) return Buffer.from(Array.from({ length }, () => random.below(256)));
  return Buffer.from(Array.from({ length: Math.ceil(length / 4) }, () => random.pick(TOKENS)).join(''));
}

function truncate(bytes: Buffer, random: Random): Buffer {
  return bytes.subarray(0, random.below(bytes.length + 1));
}

function changeBytes(bytes: Buffer, random: Random): Buffer {
  for (let count = 1 + random.below(8); count > 0 && bytes.length > 0; count -= 1) {
    bytes[random.below(bytes.length)] = random.below(256);
  }
  return bytes;
}

function removePiece(bytes: Buffer, random: Random): Buffer {
  const [start, end] = piece(bytes, random);
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
}

function doublePiece(bytes: Buffer, random: Random): Buffer {
  const [start, end] = piece(bytes, random);
  return insert(bytes, random.below(bytes.length + 1), bytes.subarray(start, end));
}

function repeatPiece(bytes: Buffer, random: Random): Buffer {
  const start = random.below(bytes.length + 1);
  return repeated(bytes, start, bytes.subarray(start, start + 1 + random.below(80)), random);
}

function insertToken(bytes: Buffer, random: Random): Buffer {
  return insert(bytes, random.below(bytes.length + 1), Buffer.from(random.pick(TOKENS)));
}

function repeatToken(bytes: Buffer, random: Random): Buffer {
  const token = random.pick(TOKENS) + (random.below(2) === 0 ? '' : random.pick(TOKENS));
  return repeated(bytes, random.below(bytes.length + 1), Buffer.from(token), random);
}

function repeated(bytes: Buffer, at: number, unit: Buffer, random: Random): Buffer {
  if (unit.length === 0) return bytes;
  const count = Math.floor(random.below(random.pick([200, 5000, REPEATED_BYTES])) / unit.length);
  return insert(bytes, at, Buffer.alloc(count * unit.length, unit));
}

function moveLine(bytes: Buffer, random: Random): Buffer {
  const [start, end] = line(bytes, random);
  const without = Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
  const [target] = line(without, random);
  return insert(without, target, bytes.subarray(start, end));
}

function doubleLine(bytes: Buffer, random: Random): Buffer {
  const [start, end] = line(bytes, random);
  return insert(bytes, end, bytes.subarray(start, end));
}

function splice(bytes: Buffer, random: Random, other: Buffer): Buffer {
  const [start, end] = piece(other, random);
  return insert(bytes, random.below(bytes.length + 1), other.subarray(start, end));
}

function changeLineEnds(bytes: Buffer, random: Random): Buffer {
  const end = random.pick(['\r\n', '\r', ' ', '', '\\\n', '\n\t']);
  return Buffer.from(bytes.toString('latin1').replaceAll('\n', end), 'latin1');
}

function changeEncoding(bytes: Buffer, random: Random): Buffer {
  const text = bytes.toString('utf8');
  if (random.below(2) === 0) return Buffer.from(`\ufeff${text}`);
  const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
  return random.below(2) === 0 ? utf16 : utf16.swap16();
}

function piece(bytes: Buffer, random: Random): [number, number] {
  const start = random.below(bytes.length + 1);
  return [start, start + random.below(bytes.length - start + 1)];
}

function line(bytes: Buffer, random: Random): [number, number] {
  const start = bytes.indexOf(10, random.below(bytes.length + 1)) + 1;
  const end = bytes.indexOf(10, start);
  return [start, end === -1 ? bytes.length : end + 1];
}

function insert(bytes: Buffer, at: number, added: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at)]);
}
