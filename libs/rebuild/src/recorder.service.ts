import { Inject, Injectable } from '@nestjs/common';
import {
  encodeExchanges,
  encodePackages,
  fetchRemaining,
  packagesOf,
  RECORD_LIMITS,
  remainingLockEntries,
  startRecorder,
} from '@envarium/closure';
import { PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import type { JobContext, RunningJob } from '@envarium/jobs';
import { Outbound } from '@envarium/outbound';
import { ContentStoreService } from '@envarium/provenance';
import type { ClosureDocument, ClosurePackage, Exchange } from '@envarium/schema';
import { type ContentClaim, parseDigest } from '@envarium/oci';
import { BuildLog } from './build-log.js';
import { requireImage } from './build-outcome.js';
import { type Built, BuildsService } from './builds.service.js';
import { ExchangeBlobs } from './exchange-blobs.js';
import type { LoadedRecipe } from './recipes.service.js';
import { portsOf, withStandIn } from './stand-in-socket.js';

export interface Recorded {
  readonly built: Built;
  readonly exchanges: readonly Exchange[];
  readonly packages: readonly ClosurePackage[];
  readonly contentSize: number;
}

const MAX_NAMED = 20;

/** Builds a recipe with the Internet behind a recorder: everything that it fetches is kept. */
@Injectable()
export class RecorderService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly contents: ContentStoreService,
    private readonly builds: BuildsService,
    @Inject(Outbound) private readonly outbound: Outbound,
  ) {}

  /** @throws ArchiveError BUILD_FAILED, CLOSURE_TOO_LARGE, EXECUTOR_UNAVAILABLE, UPSTREAM_* of what the build needs */
  async record(
    recipe: LoadedRecipe,
    epoch: number,
    directory: string,
    job: RunningJob,
    context: JobContext,
  ): Promise<Recorded> {
    const store = new ExchangeBlobs(this.prisma, this.contents);
    const log = new BuildLog(context);
    const { built, recording } = await withStandIn(portsOf(recipe.dockerfile, recipe.context), async (internet) => {
      const recorder = await startRecorder({
        socket: internet.socket,
        store,
        outbound: this.outbound,
        limits: RECORD_LIMITS,
        signal: context.signal,
        onProgress: ({ exchanges, bytes }) =>
          context.progress({ what: `recorded, ${exchanges} answers`, unit: 'bytes', done: bytes, total: null }),
      });
      try {
        const outcome = await this.builds.build({
          directory,
          dockerfile: recipe.dockerfile,
          context: recipe.context,
          bases: recipe.document.bases,
          platform: recipe.document.platform,
          internet,
          epoch,
          sink: log,
          signal: context.signal,
        });
        return { built: outcome, recording: await recorder.stop() };
      } catch (error) {
        await recorder.stop().catch(() => undefined);
        throw error;
      }
    });
    for (const { url, message } of recording.notes) context.line('note', `${url}: ${message}`);
    if (recording.excess !== null) throw new ArchiveError('CLOSURE_TOO_LARGE', { ...recording.excess });
    requireImage(built.outcome, log, { job: job.id, network: 'record' });
    const exchanges = job.complete
      ? [...recording.exchanges, ...(await this.remaining(recording.exchanges, recipe, store, context))]
      : recording.exchanges;
    const { packages, problems } = await packagesOf(exchanges, (digest) => store.open(digest), recipe.context);
    if (problems.length > 0) {
      const wrong = problems
        .slice(0, MAX_NAMED)
        .map(({ url, saidBy, file, expected }) => ({ url, saidBy, file, expected }));
      throw new ArchiveError('BUILD_FAILED', { job: job.id, reason: 'integrity', problems: wrong });
    }
    return { built, exchanges, packages, contentSize: contentSizeOf(exchanges) };
  }

  /** What lock files name and this platform's build did not ask for: another one would. */
  private async remaining(
    recorded: readonly Exchange[],
    recipe: LoadedRecipe,
    store: ExchangeBlobs,
    context: JobContext,
  ): Promise<readonly Exchange[]> {
    const entries = await remainingLockEntries(recipe.context, recorded, (digest) => store.open(digest));
    context.line('note', `${entries.length} files of lock files are fetched for other platforms`);
    const { outbound } = this;
    const { signal } = context;
    const { exchanges, failed } = await fetchRemaining(entries, { store, outbound, limits: RECORD_LIMITS, signal });
    for (const { entry, reason } of failed) context.line('note', `${entry.url} was not fetched: ${reason}`);
    return exchanges;
  }

  /** Stores the two lists of a closure. */
  async storeLists({ exchanges, packages }: Recorded): Promise<Pick<ClosureDocument, 'exchanges' | 'packages'>> {
    const listed = await this.contents.storeContent(once(encodeExchanges(exchanges)));
    const packed = await this.contents.storeContent(once(encodePackages(packages)));
    return {
      exchanges: { digest: listed.digest, size: listed.size, count: exchanges.length },
      packages: { digest: packed.digest, size: packed.size, count: packages.length },
    };
  }
}

/** Bytes of all bodies, each counted once. */
function contentSizeOf(exchanges: readonly Exchange[]): number {
  const sizes = new Map(exchanges.flatMap(({ digest, size }) => (digest === null ? [] : [[digest, size] as const])));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

/** Every body that the exchanges name, for the artifact that keeps them. */
export function bodiesOf(exchanges: readonly Exchange[]): ContentClaim[] {
  return exchanges.flatMap(({ digest, size }) => (digest === null ? [] : [{ digest: parseDigest(digest), size }]));
}
