import type { ExchangeStore } from '@envarium/closure';
import type { PrismaService } from '@envarium/database';
import { parseDigest } from '@envarium/oci';
import type { ContentStoreService } from '@envarium/provenance';

/** The bodies of exchanges as blobs of the archive. */
export class ExchangeBlobs implements ExchangeStore {
  constructor(
    private readonly prisma: PrismaService,
    private readonly contents: ContentStoreService,
  ) {}

  async put(content: AsyncIterable<Uint8Array>, digest?: string): Promise<{ digest: string; size: number }> {
    return await this.contents.storeContent(content, digest === undefined ? {} : { digest: parseDigest(digest) });
  }

  async *open(digest: string): AsyncGenerator<Uint8Array, void, undefined> {
    const { content } = await this.contents.openContent(parseDigest(digest));
    yield* content;
  }

  async has(digest: string): Promise<boolean> {
    return (await this.prisma.blob.count({ where: { digest, state: 'ok' } })) > 0;
  }
}
