import { ArchiveError } from '@envarium/errors';
import { streamReader, type ByteReader } from './byte-reader.js';
import type { TarEntry } from './tar-entry.js';
import { TAR_LIMITS, walkTar, type TarLimits } from './tar-walk.js';

export interface TarMember extends TarEntry {
  /** Can be read once, and only until the next member is asked for. What is left unread is skipped. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Reads a tar of any dialect (v7, ustar, PAX, GNU) from a stream, in constant memory, without touching a disk. The input is
 * read to its very end, or closed when the consumer stops early.
 * @throws ArchiveError ARCHIVE_INVALID with `reason` and `offset`, for broken, truncated, ambiguous or too large archives
 */
export async function* readTar(
  content: AsyncIterable<Uint8Array>,
  limits: Partial<TarLimits> = {},
): AsyncGenerator<TarMember, void, undefined> {
  const reader = streamReader(content);
  try {
    for await (const entry of walkTar(reader, { ...TAR_LIMITS, ...limits })) {
      const turn = { isOver: false };
      yield { ...entry, body: readOnce(bodyOf(entry, reader, turn), entry.path) };
      turn.isOver = true;
    }
  } finally {
    await reader.close();
  }
}

/** A second reading fails, because nothing would look like an empty file. */
function readOnce(chunks: AsyncGenerator<Uint8Array, void, undefined>, path: string): AsyncIterable<Uint8Array> {
  let isOpened = false;
  return {
    [Symbol.asyncIterator]() {
      if (isOpened) throw new ArchiveError('INTERNAL', { reason: 'tar-body-read-twice', path });
      isOpened = true;
      return chunks;
    },
  };
}

async function* bodyOf(
  entry: TarEntry,
  reader: ByteReader,
  turn: { readonly isOver: boolean },
): AsyncGenerator<Uint8Array, void, undefined> {
  const end = entry.offset + entry.size;
  while (true) {
    if (turn.isOver) throw new ArchiveError('INTERNAL', { reason: 'tar-body-read-late', path: entry.path });
    if (reader.offset >= end) return;
    yield await reader.readSome(end - reader.offset);
  }
}
