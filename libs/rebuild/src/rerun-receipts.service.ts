import { Inject, Injectable } from '@nestjs/common';
import type { JobEnd, RunningJob } from '@envarium/jobs';
import { ContentStoreService, ReceiptsArchiveService } from '@envarium/provenance';
import type { VersionRow } from '@envarium/records';
import type { OutputComparison, OutputTolerance, RerunPredicate } from '@envarium/schema';
import type { BuildLog } from './build-log.js';
import { ENDED_BY } from './build-outcome.js';
import { isolationOf, isSealed } from './isolation.js';
import type { Obtained } from './obtain.service.js';
import { REBUILD_OPTIONS, type RebuildOptions } from './rebuild-options.js';
import type { RecordedRun } from './run-files.service.js';
import type { Ran } from './runs.service.js';

export interface RerunVerdict {
  readonly version: VersionRow;
  readonly run: RecordedRun;
  readonly environment: Obtained;
  readonly ran: Ran;
  readonly outputs: readonly OutputComparison[];
  readonly tolerance: OutputTolerance;
  readonly log: BuildLog;
  readonly startedAt: Date;
}

type Verdict = RerunPredicate['verdict'];

/** Signs whether a run gave the same result: another statement than that its environment is the same. */
@Injectable()
export class RerunReceiptsService {
  constructor(
    private readonly receipts: ReceiptsArchiveService,
    private readonly contents: ContentStoreService,
    @Inject(REBUILD_OPTIONS) private readonly options: RebuildOptions,
  ) {}

  async sign(rerun: RerunVerdict, job: RunningJob): Promise<JobEnd> {
    const { version, run, environment, ran, outputs, tolerance, log, startedAt } = rerun;
    const { outcome, chosen, pins } = ran;
    const verdict = verdictOf(rerun);
    const isolation = isolationOf(
      { id: chosen.executor.id, probe: chosen.probe },
      'off',
      outcome.canary,
      ran.job.clock,
      this.options.limits,
    );
    const stored = await this.contents.storeContent(log.content());
    const summary = summaryOf(verdict, rerun);
    const { digest, mediaType, size } = environment.image;
    const receipt = await this.receipts.archiveReceipt({
      kind: 'rerun',
      version,
      subject: { digest, mediaType, size },
      log: stored,
      isProof: isSealed(isolation),
      summary,
      actor: job.createdBy,
      predicate: {
        about: { recordId: version.record.publicId, version: version.number, recordDigest: version.recordDigest ?? '' },
        runId: run.publicId,
        imageDigest: digest,
        route: environment.route,
        command: run.command,
        verdict,
        exitCode: outcome.exitCode,
        outputs: [...outputs],
        tolerance,
        pins,
        isolation,
        startedAt: startedAt.toISOString(),
        finishedAt: new Date().toISOString(),
        logDigest: stored.digest,
      },
    });
    return {
      outcome: verdict === 'failed' ? failureOf(rerun) : verdict === 'different' ? 'diverged' : 'ready',
      result: { grade: null, summary, receipts: [receipt.id], artifacts: [] },
      problem: null,
    };
  }
}

function verdictOf({ ran, outputs }: RerunVerdict): Verdict {
  if (ran.outcome.exitCode !== 0 || ran.outcome.endedBy !== 'itself') return 'failed';
  if (outputs.some(({ verdict }) => verdict === 'missing' || verdict === 'different')) return 'different';
  return outputs.every(({ verdict }) => verdict === 'identical') ? 'identical' : 'within-tolerance';
}

function failureOf({ ran }: RerunVerdict): JobEnd['outcome'] {
  return ran.outcome.endedBy === 'wall' ? 'timed-out' : 'failed';
}

function summaryOf(verdict: Verdict, { ran, outputs, environment }: RerunVerdict): string {
  const count = `${outputs.length} ${outputs.length === 1 ? 'output' : 'outputs'}`;
  const where = environment.route === 'pull' ? 'the archived image' : 'a rebuilt image';
  switch (verdict) {
    case 'identical':
      return `${count} made again in ${where}, byte for byte the same`;
    case 'within-tolerance':
      return `${count} made again in ${where}, the same within the tolerance`;
    case 'different': {
      const names = outputs
        .filter(({ verdict: one }) => one === 'different' || one === 'missing')
        .map(({ name }) => name);
      return `made again in ${where}, with another result: ${names.slice(0, 5).join(', ')}`;
    }
    case 'failed':
      return ran.outcome.endedBy === 'itself'
        ? `the command ended with exit code ${ran.outcome.exitCode ?? 'unknown'}`
        : `the command ${ENDED_BY[ran.outcome.endedBy]}`;
  }
}
