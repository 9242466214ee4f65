import { parseDigest, verifyContent } from '@envarium/oci';
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
async function* copied(reader: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of reader) yield Buffer.from(chunk);
}
