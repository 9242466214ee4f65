import { ArchiveError } from '@envarium/errors';
import { parseDigest, verifyContent } from '@envarium/oci';
import type { ContentStoreService } from '@envarium/provenance';
import type { Store } from '@envarium/storage';

/** Content of the archive, verified while it is read. @throws ArchiveError BLOB_UNKNOWN; DIGEST_INVALID, SIZE_INVALID on the way */
export async function* storedBytes(
  store: Store,
  { digest, size }: { readonly digest: string; readonly size: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = await store.blobs.open(parseDigest(digest));
  yield* verifyContent(copied(reader), { digest: parseDigest(digest), size });
}

/** Readers use their buffers again. */
export async function* copied(reader: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of reader) yield Buffer.from(chunk);
}

/** A document, verified. @throws ArchiveError BLOB_UNKNOWN, SIZE_INVALID, DIGEST_INVALID */
export async function readWhole(contents: ContentStoreService, digest: string, limit: number): Promise<Buffer> {
  const { content, size } = await contents.openContent(parseDigest(digest));
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) {
    if (size > limit) throw new ArchiveError('SIZE_INVALID', { digest, size, limit });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
