import { Inject, Injectable } from '@nestjs/common';
import { Prisma, PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import type { RecordEvent, Transaction } from '@envarium/journal';
import { type Digest, digestAlgorithm, digestOf } from '@envarium/oci';
import { STORE, type Store } from '@envarium/storage';
import { holdSoundBlobs, restoreBlobs } from './blob-rows.js';
import { ByteCache } from './byte-cache.js';

const CACHE_BYTES = 64 * 1024 * 1024;
const REGISTER_ATTEMPTS = 3;

/** Bytes of documents (image manifests, record documents, package files): small enough to hold whole, always verified. */
@Injectable()
export class ContentService {
  private readonly cache = new ByteCache(CACHE_BYTES);

  constructor(
    private readonly prisma: PrismaService,
    @Inject(STORE) private readonly store: Store,
  ) {}

  /**
   * Makes bytes durable under their digest. Safe to repeat.
   * @param tx the transaction that the caller is in: one that asks for a second connection may wait for itself
   * @param digest of exactly these bytes, when it is known or shall be another than their sha256
   */
  async write(
    bytes: Uint8Array,
    tx: Transaction = this.prisma,
    digest: Digest = digestOf(bytes),
  ): Promise<{ digest: Digest; size: number }> {
    await this.store.blobs.put(once(bytes), { digest, size: bytes.length, heal: await this.isDamaged(digest, tx) });
    return { digest, size: bytes.length };
  }

  /**
   * @param limit bytes; content that is larger is refused before it is read
   * @throws ArchiveError BLOB_UNKNOWN, SIZE_INVALID, BLOB_CORRUPT (what is stored is not what the digest says)
   */
  async read(digest: Digest, limit: number): Promise<Buffer> {
    const cached = this.cache.get(digest);
    if (cached !== undefined) return cached;
    const reader = await this.store.blobs.open(digest);
    if (reader.size > limit) {
      await reader.close();
      throw new ArchiveError('SIZE_INVALID', { digest, size: reader.size, limit });
    }
    const chunks: Buffer[] = [];
    // The reader reuses its buffers, so each chunk is copied before the next one is asked for.
    for await (const chunk of reader) chunks.push(Buffer.from(chunk));
    const bytes = Buffer.concat(chunks);
    if (digestOf(bytes, digestAlgorithm(digest)) !== digest) {
      // Fixity looks at it next, and tells and heals what there is to tell and heal.
      await this.prisma.blob.updateMany({ where: { digest }, data: { lastVerifiedAt: null } });
      throw new ArchiveError('BLOB_CORRUPT', { digest });
    }
    this.cache.set(digest, bytes);
    return bytes;
  }

  /** True when the stored bytes are wrong, gone or going: the next push must write them even where a copy exists. */
  async isDamaged(digest: Digest, tx: Transaction = this.prisma): Promise<boolean> {
    return (await tx.blob.count({ where: { digest, state: { not: 'ok' } } })) > 0;
  }

  /**
   * Rows of blobs whose bytes are durable already, locked against the collector until the transaction ends. A blob that
   * was found damaged, or was on its way out, is sound again.
   * @param record tells of blobs that were healed; null for a replay, which tells nothing new
   */
  async register(
    tx: Transaction,
    blobs: readonly { digest: string; size: number | bigint }[],
    record: RecordEvent | null = null,
  ): Promise<Map<string, bigint>> {
    // In one order everywhere: two transactions that share blobs must not wait for each other in a circle.
    const sorted = blobs.toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
    const digests = sorted.map((blob) => blob.digest);
    await tx.blob.createMany({
      data: sorted.map((blob) => ({ digest: blob.digest, size: BigInt(blob.size) })),
      skipDuplicates: true,
    });
    for (let attempt = 1; attempt <= REGISTER_ATTEMPTS; attempt++) {
      await this.restore(tx, digests, record);
      const rows = await holdSoundBlobs(tx, digests);
      if (rows.length === new Set(digests).size) return new Map(rows.map((row) => [row.digest, row.id]));
      // The collector, or a scrub, was quicker with one of them.
    }
    throw new ArchiveError('BLOB_UPLOAD_INVALID', { digests: digests.slice(0, 20), reason: 'removed-meanwhile' });
  }

  private async restore(tx: Transaction, digests: readonly string[], record: RecordEvent | null): Promise<void> {
    const isStored = async (digest: Digest): Promise<boolean> => (await this.store.blobs.stat(digest)) !== null;
    for (const blob of await restoreBlobs(tx, digests, isStored)) {
      const kind = blob.state === 'suspect' || blob.state === 'missing' ? 'healed' : 'unquarantined';
      await record?.({ kind, actor: 'push', subject: blob.digest, detail: { previous: blob.state } });
    }
  }

  /** Makes registered blobs visible through a repository. */
  async attach(tx: Transaction, repositoryId: bigint, blobIds: Iterable<bigint>): Promise<void> {
    await tx.repositoryBlob.createMany({
      data: [...blobIds].toSorted((a, b) => (a < b ? -1 : 1)).map((blobId) => ({ repositoryId, blobId })),
      skipDuplicates: true,
    });
  }

  /** Size of a blob that is sound and visible through the repository; null otherwise. */
  async visibleSize(repositoryId: bigint, digest: string): Promise<bigint | null> {
    // SQL, since this is asked for with every pull: a third of the work.
    const { rows } = await this.prisma.statement<{ size: bigint }>(Prisma.sql`
      SELECT b.size FROM blob b JOIN repository_blob p ON p.blob_id = b.id AND p.repository_id = ${repositoryId}
      WHERE b.digest = ${digest} AND b.state = 'ok'`);
    const [row] = rows;
    return row?.size ?? null;
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
