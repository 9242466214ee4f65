import { Inject, Injectable } from '@nestjs/common';
import { PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { type ContentClaim, type Digest, verifyContent } from '@envarium/oci';
import { ContentService } from '@envarium/registry';
import { type ContentExpectation, STORE, type Store } from '@envarium/storage';

/**
 * Content of any size by digest, for closures: what is recorded goes in while it streams, and what is replayed comes out
 * verified. Stored bytes have a week to be named by an artifact before the collector looks at them; one that was late is
 * taken back out of quarantine when it is named.
 */
@Injectable()
export class ContentStoreService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly content: ContentService,
    @Inject(STORE) private readonly store: Store,
  ) {}

  /**
   * Durable when this resolves. Safe to repeat.
   * @throws ArchiveError DIGEST_INVALID, SIZE_INVALID, BODY_TOO_LARGE; BLOB_CORRUPT when the same content is here, damaged
   */
  async storeContent(source: AsyncIterable<Uint8Array>, expect: ContentExpectation = {}): Promise<ContentClaim> {
    const heal = expect.digest !== undefined && (await this.content.isDamaged(expect.digest));
    const stored = await this.store.blobs.put(source, { ...expect, heal });
    // Whoever does not know the digest beforehand cannot ask for the copy to be written anew.
    if (!heal && (await this.content.isDamaged(stored.digest))) await this.requireSound(stored.digest);
    await this.prisma.$transaction(async (tx) => await this.content.register(tx, [stored]));
    return stored;
  }

  /**
   * @returns the bytes; the last chunk only when all of them are what the digest says
   * @throws ArchiveError BLOB_UNKNOWN; while reading DIGEST_INVALID, SIZE_INVALID
   */
  async openContent(digest: Digest): Promise<ContentClaim & { content: AsyncIterable<Uint8Array> }> {
    const reader = await this.store.blobs.open(digest);
    return { digest, size: reader.size, content: verifyContent(copied(reader), { digest, size: reader.size }) };
  }

  private async requireSound(digest: Digest): Promise<void> {
    const { outcome } = await this.store.blobs.verify(digest);
    if (outcome !== 'ok') throw new ArchiveError('BLOB_CORRUPT', { digest });
  }
}

/** The reader uses its buffers again, and the check holds the last chunk back. */
async function* copied(reader: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of reader) yield Buffer.from(chunk);
}
