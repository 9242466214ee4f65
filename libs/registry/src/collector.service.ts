import { Inject, Injectable } from '@nestjs/common';
import { PrismaService } from '@envarium/database';
import { JournalService, type Transaction } from '@envarium/journal';
import { parseDigest } from '@envarium/oci';
import { STORE, type Store } from '@envarium/storage';

export interface ReviewReport {
  /** Blobs that something names, or that came too recently. */
  readonly kept: number;
  /** Digests that nothing has ever named: out of sight now, and still stored. */
  readonly quarantined: readonly string[];
}

interface Candidate {
  readonly id: bigint;
  readonly digest: string;
}

interface Reviewed extends Candidate {
  readonly isNamed: boolean;
  /** Named by an image manifest, which is for ever. */
  readonly isReferenced: boolean;
  readonly linkedAt: Date | null;
}

const ACTOR = 'collector';
const DAY_MS = 24 * 60 * 60 * 1000;
/** What arrives, or is mounted, has this long to be named by something. */
const GRACE_MS = 7 * DAY_MS;
const ADOPTION_BATCH = 500;

/**
 * Takes out what no image manifest, version, environment or run has ever named: uploads that came to nothing. In two
 * steps, each of which looks again under a lock: quarantine, and much later removal. Everything else stays for ever,
 * tagged or not. The database refuses both steps for bytes that are named, whoever asks.
 */
@Injectable()
export class CollectorService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly journal: JournalService,
    @Inject(STORE) private readonly store: Store,
  ) {}

  /** Looks at the blobs whose time has come, one batch. Safe to run in several processes and beside pushes. */
  async review(limit: number, now = new Date()): Promise<ReviewReport> {
    return await this.journal.transaction(async (tx, record) => {
      const candidates = await tx.$queryRaw<Candidate[]>`
        SELECT id, digest FROM blob
        WHERE review_after <= ${now} AND state NOT IN ('quarantined', 'removed')
        ORDER BY review_after, id LIMIT ${limit} FOR UPDATE SKIP LOCKED`;
      // A second statement: what was committed until the rows were locked must be seen.
      const reviewed = await reviewedOf(tx, candidates);
      const graceBegan = new Date(now.getTime() - GRACE_MS);
      const isRecent = ({ linkedAt }: Reviewed): boolean => linkedAt !== null && linkedAt > graceBegan;
      const kept = reviewed.filter((blob) => blob.isNamed || isRecent(blob));
      const doomed = reviewed.filter((blob) => !kept.includes(blob));
      const ids = (blobs: readonly Reviewed[]): { id: { in: bigint[] } } => ({ id: { in: blobs.map(({ id }) => id) } });
      const again = new Date(now.getTime() + GRACE_MS);
      await tx.blob.updateMany({
        where: ids(kept.filter(({ isReferenced }) => isReferenced)),
        data: { reviewAfter: null },
      });
      await tx.blob.updateMany({
        where: ids(kept.filter(({ isReferenced }) => !isReferenced)),
        data: { reviewAfter: again },
      });
      await tx.blob.updateMany({ where: ids(doomed), data: { state: 'quarantined', quarantinedAt: now } });
      for (const { digest } of doomed) await record({ kind: 'quarantined', actor: ACTOR, subject: digest, detail: {} });
      return { kept: kept.length, quarantined: doomed.map(({ digest }) => digest) };
    });
  }

  /**
   * Removes bytes that have been in quarantine since before `quarantinedBefore`. The row stays and says so.
   * @returns the digests whose bytes are gone
   */
  async remove(limit: number, quarantinedBefore: Date): Promise<string[]> {
    await this.condemn(limit, quarantinedBefore);
    // Also those that a crash left between the two transactions.
    const condemned = await this.prisma.blob.findMany({
      where: { state: 'removed', quarantinedAt: { not: null } },
      orderBy: { id: 'asc' },
      take: limit,
      select: { id: true, digest: true },
    });
    const removed: string[] = [];
    for (const blob of condemned) if (await this.removeBytes(blob)) removed.push(blob.digest);
    return removed;
  }

  /**
   * Gives rows to bytes that a crash left in the store without any, so that they are reviewed and verified like all others.
   * @returns how many there were
   */
  async adopt(): Promise<number> {
    let count = 0;
    let batch: { digest: string; size: bigint }[] = [];
    const take = async (): Promise<void> => {
      count += (await this.prisma.blob.createMany({ data: batch, skipDuplicates: true })).count;
      batch = [];
    };
    for await (const { digest, size } of this.store.blobs.list()) {
      batch.push({ digest, size: BigInt(size) });
      if (batch.length === ADOPTION_BATCH) await take();
    }
    await take();
    return count;
  }

  private async condemn(limit: number, quarantinedBefore: Date): Promise<void> {
    await this.journal.transaction(async (tx, record) => {
      const candidates = await tx.$queryRaw<Candidate[]>`
        SELECT id, digest FROM blob WHERE state = 'quarantined' AND quarantined_at < ${quarantinedBefore}
        ORDER BY id LIMIT ${limit} FOR UPDATE SKIP LOCKED`;
      const reviewed = await reviewedOf(tx, candidates);
      for (const { id, digest, isNamed } of reviewed) {
        // Named in spite of its quarantine, as by a reindex: then it belongs to the archive.
        if (isNamed) await tx.blob.update({ where: { id }, data: { state: 'ok', quarantinedAt: null } });
        else await tx.blob.update({ where: { id }, data: { state: 'removed' } });
        const kind = isNamed ? 'unquarantined' : 'removed';
        await record({ kind, actor: ACTOR, subject: digest, detail: { previous: 'quarantined' } });
      }
    });
  }

  /** Under the lock that a push of the same content needs to call it sound. */
  private async removeBytes({ id, digest }: Candidate): Promise<boolean> {
    return await this.prisma.$transaction(async (tx) => {
      const rows = await tx.$queryRaw<Candidate[]>`
        SELECT id, digest FROM blob WHERE id = ${id} AND state = 'removed' FOR UPDATE`;
      if (rows.length === 0) return false;
      await this.store.removal.remove(parseDigest(digest));
      await tx.blob.update({ where: { id }, data: { quarantinedAt: null } });
      return true;
    });
  }
}

async function reviewedOf(tx: Transaction, candidates: readonly Candidate[]): Promise<Reviewed[]> {
  if (candidates.length === 0) return [];
  return await tx.$queryRaw<Reviewed[]>`
    SELECT b.id, b.digest, envarium_is_named(b.digest) AS "isNamed",
      EXISTS (SELECT 1 FROM manifest_reference f WHERE f.digest = b.digest)
        OR EXISTS (SELECT 1 FROM image_manifest m WHERE m.digest = b.digest) AS "isReferenced",
      (SELECT max(p.created_at) FROM repository_blob p WHERE p.blob_id = b.id) AS "linkedAt"
    FROM blob b WHERE b.id = ANY(${candidates.map(({ id }) => id)}::bigint[]) ORDER BY b.id`;
}
