import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ArchiveError } from '@envarium/errors';
import { digestAlgorithm, digestEncoded, parseDigest } from '@envarium/oci';
import type { Exchange } from '@envarium/schema';
import type { ExchangeStore } from './exchange-store.js';
import { decodeExchanges, encodeExchanges } from './exchanges-file.js';

/** What `startReplay` needs, as files: for a replay on another machine, which has no archive. */
export interface OpenedClosure {
  readonly exchanges: readonly Exchange[];
  readonly store: ExchangeStore;
}

const LIST = 'exchanges.jsonl';

/** A body that is missing stays missing: the replay over there tells of it as it would here, and of a damaged one too. */
export async function writeClosure(
  directory: string,
  { exchanges, store }: OpenedClosure,
  signal: AbortSignal,
): Promise<void> {
  await writeFile(path.join(directory, LIST), encodeExchanges(exchanges));
  const digests = new Set(exchanges.flatMap(({ digest }) => (digest === null ? [] : [digest])));
  for (const digest of digests) {
    if (!(await store.has(digest))) continue;
    const file = fileOf(directory, digest);
    await mkdir(path.dirname(file), { recursive: true });
    await pipeline(Readable.from(store.open(digest)), createWriteStream(file, { flags: 'wx' }), { signal });
  }
}

/** @throws ArchiveError CLOSURE_INCOMPLETE for what is no list of exchanges */
export async function openClosure(directory: string): Promise<OpenedClosure> {
  const exchanges = decodeExchanges(await readFile(path.join(directory, LIST)));
  return { exchanges, store: new ReadOnlyDirectory(directory) };
}

class ReadOnlyDirectory implements ExchangeStore {
  constructor(private readonly directory: string) {}

  async put(): Promise<never> {
    throw new ArchiveError('UNSUPPORTED', { reason: 'a closure that was brought here takes nothing in' });
  }

  async *open(digest: string): AsyncGenerator<Uint8Array, void, undefined> {
    if (!(await this.has(digest))) throw new ArchiveError('BLOB_UNKNOWN', { digest });
    for await (const chunk of createReadStream(fileOf(this.directory, digest))) yield Buffer.from(chunk);
  }

  async has(digest: string): Promise<boolean> {
    return (await stat(fileOf(this.directory, digest)).catch(() => null))?.isFile() === true;
  }
}

function fileOf(directory: string, text: string): string {
  const digest = parseDigest(text);
  return path.join(directory, 'blobs', digestAlgorithm(digest), digestEncoded(digest));
}
