import { ArchiveError } from '@envarium/errors';
import { readExactly, type RandomAccessSource } from '../random-access.js';

/** In hexadecimal. bzip2 by its block magic too: a plain tar may well begin with a file called "BZh...". */
const MAGICS = [
  { compression: 'gzip', magic: /^1f8b08/, decompressWith: 'gzip -d' },
  { compression: 'zstd', magic: /^28b52ffd/, decompressWith: 'zstd -d' },
  { compression: 'xz', magic: /^fd377a585a00/, decompressWith: 'xz -d' },
  { compression: 'bzip2', magic: /^425a683[1-9]314159265359/, decompressWith: 'bzip2 -d' },
] as const;
const LONGEST_MAGIC = 10;

export type Compression = (typeof MAGICS)[number]['compression'];

export async function detectCompression(source: RandomAccessSource): Promise<Compression | null> {
  return (await findMagic(source))?.compression ?? null;
}

/**
 * Archives are read at random, which compression rules out; their layers are compressed already.
 * @throws ArchiveError ARCHIVE_INVALID with `compression` and `decompressWith`
 */
export async function assertUncompressed(source: RandomAccessSource): Promise<void> {
  const found = await findMagic(source);
  if (found === undefined) return;
  const { compression, decompressWith } = found;
  throw new ArchiveError('ARCHIVE_INVALID', { reason: 'archive-compressed', compression, decompressWith });
}

async function findMagic(source: RandomAccessSource): Promise<(typeof MAGICS)[number] | undefined> {
  const start = Buffer.from(await readExactly(source, 0, Math.min(LONGEST_MAGIC, source.size))).toString('hex');
  return MAGICS.find(({ magic }) => magic.test(start));
}
