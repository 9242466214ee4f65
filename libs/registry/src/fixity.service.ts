import { Inject, Injectable } from '@nestjs/common';
import { PrismaService } from '@envarium/database';
import { JournalService } from '@envarium/journal';
import { parseDigest } from '@envarium/oci';
import { STORE, type Store } from '@envarium/storage';

export interface FixityReport {
  readonly digest: string;
  readonly outcome: 'ok' | 'mismatch' | 'missing' | 'truncated';
  readonly checkedAt: Date;
}

const ACTOR = 'fixity';

/** Reads stored bytes back and compares them with their names. */
@Injectable()
export class FixityService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly journal: JournalService,
    @Inject(STORE) private readonly store: Store,
  ) {}

  /** Checks the blobs that were never read back or whose last check is the oldest. Damage is recorded, never hidden. */
  async checkOldest(limit: number, olderThan: Date): Promise<FixityReport[]> {
    const due = await this.prisma.blob.findMany({
      where: { OR: [{ lastVerifiedAt: null }, { lastVerifiedAt: { lt: olderThan } }] },
      orderBy: [{ lastVerifiedAt: { sort: 'asc', nulls: 'first' } }, { id: 'asc' }],
      take: limit,
    });
    const reports: FixityReport[] = [];
    for (const blob of due) reports.push(await this.check(blob));
    return reports;
  }

  private async check(blob: {
    id: bigint;
    digest: string;
    size: bigint;
    state: string;
    secondDigest: string | null;
  }): Promise<FixityReport> {
    const found = await this.store.blobs.verify(parseDigest(blob.digest), {
      size: Number(blob.size),
      withSecondDigest: blob.secondDigest === null,
    });
    const checkedAt = new Date();
    if (found.outcome === 'ok') {
      await this.prisma.blob.update({
        where: { id: blob.id },
        data: {
          state: 'ok',
          lastVerifiedAt: checkedAt,
          ...(found.secondDigest !== null && { secondDigest: found.secondDigest }),
        },
      });
      return { digest: blob.digest, outcome: 'ok', checkedAt };
    }
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
    return { digest: blob.digest, outcome: found.outcome, checkedAt };
  }
}
