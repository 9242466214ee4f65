import { createReadStream } from 'node:fs';
import { parseDigest } from '@envarium/oci';
import type { RegistryClient } from '../client/registry-client.js';
import { hashFile } from '../hash-file.js';
import type { Output } from '../output.js';
import { pushBlob } from './push-blob.js';

const MEDIA_TYPE = 'application/octet-stream';

/** Pushes files as blobs, so that a run can be repeated with the very bytes it read, and its results compared by content. */
export async function archiveFiles(
  registry: RegistryClient,
  repository: string,
  files: readonly string[],
  output: Output,
): Promise<void> {
  for (const file of files) {
    const { digest, size } = await hashFile(file);
    const progress = await output.progress('archive', size);
    const blob = { mediaType: MEDIA_TYPE, digest: parseDigest(digest), size };
    try {
      await pushBlob(registry, repository, blob, () => createReadStream(file), progress);
    } finally {
      progress.stop();
    }
  }
}
