import { Inject, Injectable } from '@nestjs/common';
import { PrismaService } from '@envarium/database';
import { JournalService } from '@envarium/journal';
import { parseDigest } from '@envarium/oci';
import { STORE, type Store, type Verification } from '@envarium/storage';
import { BlobSources } from './blob-source.js';

export interface FixityReport {
  readonly digest: string;
  readonly outcome: 'ok' | 'mismatch' | 'missing' | 'truncated';
  /** Name of the source that the bytes were brought back from; null when nothing was wrong, or nothing had them. */
  readonly healedFrom: string | null;
  readonly checkedAt: Date;
}

export interface FixityBudget {
  /** Bytes to read at most; the blob that goes beyond it is still read whole. */
  readonly bytes: number;
  /** Checks that are younger than this are not repeated. */
  readonly olderThan: Date;
}

interface DueBlob {
  readonly id: bigint;
  readonly digest: string;
  readonly size: bigint;
  readonly state: string;
  readonly secondDigest: string | null;
}

const ACTOR = 'fixity';
const BATCH = 100;

/** Reads stored bytes back and compares them with their names. Damage is recorded, never hidden, and healed where it can be. */
@Injectable()
export class FixityService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly journal: JournalService,
    @Inject(STORE) private readonly store: Store,
    private readonly sources: BlobSources,
  ) {}

  /** Checks blobs until the budget is used up: those that were never read back first, then the oldest checks. */
  async check({ bytes, olderThan }: FixityBudget): Promise<FixityReport[]> {
    await this.healDamaged();
    const reports: FixityReport[] = [];
    const began = new Date();
    let left = bytes;
    while (left > 0) {
      const due = await this.due(olderThan < began ? olderThan : began, BATCH);
      for (const blob of due) {
        if (left <= 0) break;
        reports.push(await this.checkBlob(blob));
        left -= Math.max(1, Number(blob.size));
      }
      if (due.length === 0) break;
    }
    return reports;
  }

  private async due(olderThan: Date, limit: number): Promise<DueBlob[]> {
    return await this.prisma.blob.findMany({
      where: {
        OR: [{ lastVerifiedAt: null }, { lastVerifiedAt: { lt: olderThan } }],
        // What is on its way out is the collector's.
        state: { notIn: ['quarantined', 'removed'] },
      },
      orderBy: [{ lastVerifiedAt: { sort: 'asc', nulls: 'first' } }, { id: 'asc' }],
      take: limit,
      select: { id: true, digest: true, size: true, state: true, secondDigest: true },
    });
  }

  private async checkBlob(blob: DueBlob): Promise<FixityReport> {
    const { digest } = blob;
    const found = await this.verify(blob);
    const checkedAt = new Date();
    if (found.outcome === 'ok') {
      await this.recordSound(blob, found, checkedAt);
      return { digest, outcome: 'ok', healedFrom: null, checkedAt };
    }
    await this.recordDamage(blob, found, checkedAt);
    return { digest, outcome: found.outcome, healedFrom: await this.heal(blob), checkedAt };
  }

  /** Read twice before it is called damaged: a push may have replaced the bytes in between. */
  private async verify(blob: DueBlob): Promise<Verification> {
    const options = { size: Number(blob.size), withSecondDigest: blob.secondDigest === null };
    const first = await this.store.blobs.verify(parseDigest(blob.digest), options);
    return first.outcome === 'ok' ? first : await this.store.blobs.verify(parseDigest(blob.digest), options);
  }

  private async recordSound(
    blob: DueBlob,
    found: Exclude<Verification, { outcome: 'missing' }>,
    checkedAt: Date,
  ): Promise<void> {
    await this.prisma.blob.updateMany({
      where: { id: blob.id, state: { notIn: ['quarantined', 'removed'] } },
      data: {
        state: 'ok',
        lastVerifiedAt: checkedAt,
        ...(found.secondDigest !== null && { secondDigest: found.secondDigest }),
      },
    });
  }

  private async recordDamage(blob: DueBlob, found: Verification, checkedAt: Date): Promise<void> {
    const state = found.outcome === 'missing' ? 'missing' : 'suspect';
    await this.journal.transaction(async (tx, record) => {
      await tx.blob.update({ where: { id: blob.id }, data: { state, lastVerifiedAt: checkedAt } });
      if (blob.state === state) return;
      await record({
        kind: 'fixity-mismatch',
        actor: ACTOR,
        subject: blob.digest,
        detail: {
          outcome: found.outcome,
          ...(found.outcome !== 'missing' && { actual: found.actual, size: found.size }),
        },
        at: checkedAt,
      });
    });
  }

  /** What could not be healed when it was found: a source may have it by now, or be there again. */
  private async healDamaged(): Promise<void> {
    if (this.sources.all().length === 0) return;
    const damaged = await this.prisma.blob.findMany({
      where: { state: { in: ['suspect', 'missing'] } },
      orderBy: { id: 'asc' },
      take: BATCH,
      select: { id: true, digest: true, size: true },
    });
    for (const blob of damaged) await this.heal(blob);
  }

  /** @returns the name of the source that had the bytes */
  private async heal(blob: Pick<DueBlob, 'id' | 'digest' | 'size'>): Promise<string | null> {
    const wanted = { digest: parseDigest(blob.digest), size: Number(blob.size) };
    for (const source of this.sources.all()) {
      // A source that cannot be reached now must not keep the others, or the scrub, from their work.
      if (!(await source.restore(wanted).catch(() => false))) continue;
      await this.journal.transaction(async (tx, record) => {
        const { count } = await tx.blob.updateMany({
          where: { id: blob.id, state: { in: ['suspect', 'missing'] } },
          data: { state: 'ok' },
        });
        if (count === 0) return;
        await record({ kind: 'healed', actor: ACTOR, subject: blob.digest, detail: { source: source.name } });
      });
      return source.name;
    }
    return null;
  }
}
