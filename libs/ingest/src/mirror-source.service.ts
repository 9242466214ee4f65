import { Inject, Injectable } from '@nestjs/common';
import { PrismaService } from '@envarium/database';
import type { Digest } from '@envarium/oci';
import type { BlobSource } from '@envarium/registry';
import { STORE, type Store } from '@envarium/storage';
import { parseUpstreamReference, type UpstreamRegistry } from '@envarium/upstream';
import { UpstreamOpener } from './upstream-opener.js';

/** Mirrors that are asked for one blob at most, the one that was recorded last first. */
const MIRRORS = 5;
/** A mirror that has not sent all of a blob by then is given up. */
const PATIENCE_MS = 30 * 60_000;

/** The registries that images were once copied from: they may still have what was lost here. Asked without credentials. */
@Injectable()
export class MirrorSource implements BlobSource {
  readonly name = 'mirror';

  constructor(
    private readonly prisma: PrismaService,
    private readonly opener: UpstreamOpener,
    @Inject(STORE) private readonly store: Store,
  ) {}

  async restore(blob: { readonly digest: Digest; readonly size: number }): Promise<boolean> {
    const isManifest = (await this.prisma.imageManifest.count({ where: { digest: blob.digest } })) > 0;
    for (const reference of await this.mirrorsOf(blob.digest)) {
      const upstream = this.opener.open(parseUpstreamReference(`docker://${reference}`), null);
      // Whatever one mirror says or sends, the next one is still to be asked.
      const isRestored = await this.fetch(upstream, blob, isManifest).then(
        () => true,
        () => false,
      );
      if (isRestored) return true;
    }
    return false;
  }

  private async fetch(
    upstream: UpstreamRegistry,
    blob: { readonly digest: Digest; readonly size: number },
    isManifest: boolean,
  ): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const bytes = isManifest
      ? whole((await upstream.manifest(blob.digest, signal)).bytes)
      : upstream.blob(blob, 0, signal);
    await this.store.blobs.put(bytes, { ...blob, heal: true });
  }

  /** Mirrors of every repository that shows the blob. */
  private async mirrorsOf(digest: Digest): Promise<string[]> {
    const rows = await this.prisma.$queryRaw<{ reference: string }[]>`
      SELECT m.reference FROM mirror m WHERE m.repository_id IN (
        SELECT p.repository_id FROM repository_blob p JOIN blob b ON b.id = p.blob_id WHERE b.digest = ${digest}
        UNION
        SELECT p.repository_id FROM repository_manifest p JOIN image_manifest i ON i.id = p.manifest_id
        WHERE i.digest = ${digest})
      GROUP BY m.reference ORDER BY max(m.recorded_at) DESC LIMIT ${MIRRORS}`;
    return rows.map(({ reference }) => reference);
  }
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
