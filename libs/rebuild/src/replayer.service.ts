import { Inject, Injectable } from '@nestjs/common';
import { decodeExchanges, ReplayCounts, startReplay, writeClosure } from '@envarium/closure';
import { PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import type { JobContext, RunningJob } from '@envarium/jobs';
import { Outbound } from '@envarium/outbound';
import { ContentStoreService } from '@envarium/provenance';
import type { StandInAnswers } from '@envarium/sandbox';
import type { ArchivedClosure, Exchange } from '@envarium/schema';
import { BuildLog } from './build-log.js';
import { requireImage } from './build-outcome.js';
import { type Built, BuildsService } from './builds.service.js';
import { ExchangeBlobs } from './exchange-blobs.js';
import { readWhole } from './stored-bytes.js';
import type { LoadedRecipe } from './recipes.service.js';
import { portsOf, withStandIn } from './stand-in-socket.js';

export interface Replayed {
  readonly built: Built;
  readonly counts: ReplayCounts;
  readonly log: BuildLog;
}

export interface ReplayRequest {
  readonly recipe: LoadedRecipe;
  readonly closure: ArchivedClosure;
  readonly exchanges: readonly Exchange[];
  /** Bytes that are missing here may be fetched from where they came from. */
  readonly isAssisted: boolean;
  readonly directory: string;
}

interface Missing {
  readonly url: string;
  readonly digest: string;
}

const MAX_NAMED = 50;
const LIST_LIMIT = 64 * 1024 * 1024;
const ASSISTED_REQUEST_MS = 30 * 60_000;

/** Builds a recipe with nothing but its closure: the network is off, and the Internet is what was recorded of it. */
@Injectable()
export class ReplayerService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly contents: ContentStoreService,
    private readonly builds: BuildsService,
    @Inject(Outbound) private readonly outbound: Outbound,
  ) {}

  /**
   * The list of a closure, when every byte that it names is here.
   * @param mayMiss true when what is missing may be fetched
   * @throws ArchiveError CLOSURE_INCOMPLETE with addresses and digests
   */
  async exchanges({ document }: ArchivedClosure, mayMiss: boolean): Promise<readonly Exchange[]> {
    const exchanges = decodeExchanges(await readWhole(this.contents, document.exchanges.digest, LIST_LIMIT));
    const missing = await this.missing(exchanges);
    if (missing.length > 0 && !mayMiss) throw incomplete('missing', missing);
    return exchanges;
  }

  /** @throws ArchiveError CLOSURE_INCOMPLETE, BUILD_FAILED, EXECUTOR_UNAVAILABLE */
  async build(request: ReplayRequest, job: RunningJob, context: JobContext): Promise<Replayed> {
    const { recipe, closure, exchanges, directory, isAssisted } = request;
    const store = new ExchangeBlobs(this.prisma, this.contents);
    const log = new BuildLog(context);
    const { built, counts } = await withStandIn(portsOf(recipe.dockerfile, recipe.context), async (internet) => {
      const replay = await startReplay({
        socket: internet.socket,
        exchanges,
        store,
        signal: context.signal,
        ...(isAssisted && { assistance: { outbound: this.outbound, requestMs: ASSISTED_REQUEST_MS } }),
      });
      let elsewhere: ReplayCounts | null = null;
      const answers: StandInAnswers = {
        write: async (to) => await writeClosure(to, { exchanges, store }, context.signal),
        told: (account) => {
          elsewhere = readAccount(account);
        },
      };
      try {
        const outcome = await this.builds.build({
          directory,
          dockerfile: recipe.dockerfile,
          context: recipe.context,
          bases: recipe.document.bases,
          platform: recipe.document.platform,
          // What is fetched on the way cannot be written before.
          internet: { ...internet, answers: isAssisted ? null : answers },
          epoch: closure.document.epoch,
          sink: log,
          signal: context.signal,
        });
        const here = await replay.stop();
        return { built: outcome, counts: elsewhere ?? here };
      } catch (error) {
        await replay.stop().catch(() => undefined);
        throw error;
      }
    });
    for (const { method, url } of counts.misses) context.line('note', `${method} ${url} was not recorded`);
    for (const { url } of counts.fetched) context.line('note', `${url} was fetched again; its digest is right`);
    if (counts.damaged.length > 0) throw incomplete('damaged', counts.damaged);
    if (built.outcome.image === null && counts.misses.length > 0) throw incomplete('not-recorded', counts.misses);
    requireImage(built.outcome, log, { job: job.id, network: 'replay' });
    return { built, counts, log };
  }

  private async missing(exchanges: readonly Exchange[]): Promise<Missing[]> {
    const named = new Map(exchanges.flatMap(({ digest, url }) => (digest === null ? [] : [[digest, url] as const])));
    const rows = await this.prisma.blob.findMany({
      where: { digest: { in: [...named.keys()] }, state: 'ok' },
      select: { digest: true },
    });
    const here = new Set(rows.map(({ digest }) => digest));
    return [...named].filter(([digest]) => !here.has(digest)).map(([digest, url]) => ({ digest, url }));
  }
}

/** @throws ArchiveError EXECUTOR_UNAVAILABLE: without it nobody knows what was asked for and not there */
function readAccount(account: unknown): ReplayCounts {
  const counts = ReplayCounts.safeParse(account);
  if (counts.success) return counts.data;
  throw new ArchiveError('EXECUTOR_UNAVAILABLE', { reason: 'the stand-in did not say what it was asked for' });
}

function incomplete(
  reason: string,
  missing: readonly { readonly url: string; readonly digest?: string }[],
): ArchiveError {
  const named = missing
    .slice(0, MAX_NAMED)
    .map(({ url, digest }) => ({ url, ...(digest !== undefined && { digest }) }));
  return new ArchiveError('CLOSURE_INCOMPLETE', { reason, count: missing.length, missing: named });
}
