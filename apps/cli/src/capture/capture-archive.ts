import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { indexTar, sliceSource, streamSource, tarEntries, type TarInput } from '@envarium/oci';
import { usageError } from '../failure.js';
import { openFileSource } from '../file-source.js';
import { CaptureList, LIST_NAME } from './capture-list.js';

/** The captured bytes, under the paths that they have in the deposit. */
const FILES = 'files/';
const LIST_LIMIT = 64 * 1024 * 1024;
/** A member of this name begins every capture, and nothing else. */
const HEAD_BYTES = 512;

/** A capture that was opened. Its files are read where they lie. */
export interface OpenedCapture {
  readonly list: CaptureList;
  /** @throws CommandFailed when the archive lacks the file */
  readonly content: (depositPath: string) => AsyncIterable<Uint8Array>;
}

/** One file, whole or not at all: an interrupted capture leaves the one before it in place. */
export async function writeCaptureArchive(
  target: string,
  list: CaptureList,
  contents: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  await refuseForeign(target);
  const document = Buffer.from(`${JSON.stringify(list, null, 2)}\n`);
  const members: TarInput[] = [
    { path: LIST_NAME, size: document.length, body: document },
    ...[...contents].map(([inside, body]) => ({ path: `${FILES}${inside}`, size: body.length, body })),
  ];
  const unfinished = `${target}.${process.pid}.tmp`;
  await mkdir(path.dirname(target), { recursive: true });
  try {
    // Whoever else uses this machine has no business with what is found on it.
    await pipeline(Readable.from(tarEntries(members)), createWriteStream(unfinished, { mode: 0o600 }));
    await rename(unfinished, target);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** Whether a file begins as a capture does; what cannot be read does not. */
export async function isCapture(file: string): Promise<boolean> {
  try {
    const handle = await open(file);
    try {
      const head = Buffer.alloc(HEAD_BYTES);
      await handle.read(head, 0, HEAD_BYTES, 0);
      return head.toString('latin1').startsWith(`${LIST_NAME}\0`);
    } finally {
      await handle.close();
    }
  } catch {
    return false;
  }
}

/** @throws CommandFailed when the file is no capture, or a damaged one */
export async function openCaptureArchive(file: string): Promise<OpenedCapture> {
  if (!(await isCapture(file))) {
    throw usageError(`${file} is no capture`, 'Name the file that `envarium capture` wrote, or a directory.');
  }
  const source = await openFileSource(file);
  const index = await indexTar(source);
  const place = index.find(LIST_NAME);
  const text = place === null || place.size > LIST_LIMIT ? null : await source.read(place.offset, place.size);
  const parsed = CaptureList.safeParse(parseJson(text));
  if (!parsed.success) throw damaged(file);
  return {
    list: parsed.data,
    content: (depositPath) => {
      const found = index.find(`${FILES}${depositPath}`);
      if (found === null) throw damaged(file);
      return streamSource(sliceSource(source, found.offset, found.size));
    },
  };
}

function damaged(file: string): Error {
  return usageError(`${file} is damaged`, 'Run `envarium capture` again.');
}

/** Only an older capture is replaced: --out may name anything. */
async function refuseForeign(target: string): Promise<void> {
  const found = await stat(target).catch(() => null);
  if (found === null || (found.isFile() && found.size === 0) || (await isCapture(target))) return;
  throw usageError(`${target} is there, and no capture`, 'Name another file with --out.');
}

function parseJson(bytes: Uint8Array | null): unknown {
  try {
    return bytes === null ? null : JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
}
