import { IdempotencyService } from '@envarium/access';
import type { RebuildConfig, UpkeepConfig } from '@envarium/config';
import { DecayWatchService, PointersService } from '@envarium/decay';
import { IngestRunner, RUN_INGESTS } from '@envarium/ingest';
import { JobLogService, JobRunner, RUN_JOBS } from '@envarium/jobs';
import { JournalService } from '@envarium/journal';
import type { ScheduledTask } from '@envarium/queue';
import { ImageReadingService, READ_IMAGES } from '@envarium/rebuild';
import { CollectorService, FixityService, ReplicationService, UploadsService } from '@envarium/registry';
import { STORE, type Store } from '@envarium/storage';
import { RehearsalRequestsService } from '@envarium/rebuild';
import type { INestApplicationContext } from '@nestjs/common';

const DAY_MS = 24 * 60 * 60 * 1000;
/** `check-fixity` is due this often, and may read what the rate gives for that time: the first check is within minutes. */
const FIXITY_PERIOD_SECONDS = 5 * 60;
const BATCH = 500;
/** A run of some minutes, so that the other tasks have their turn. */
const REPLICATION_BYTES = 8 * 1024 ** 3;
/** So long the log of a job stays in rows when it is a blob already: its readers may be in the middle of it. */
const LOG_ROWS_MS = DAY_MS;
/** Longer than any upload session lives. */
const STAGING_EXPIRY_MS = 2 * DAY_MS;

/** A run that the other tasks of the clock can wait for; some thousand questions a day and process. */
const DECAY = { pointers: 50, milliseconds: 90 * 1000, intervalMs: 2000 } as const;

/** What the resolver does by the clock. Each task is safe to repeat and to run in several processes. */
export function scheduledTasks(
  context: INestApplicationContext,
  upkeep: UpkeepConfig,
  rehearse: RebuildConfig['rehearse'] = 'on-request',
): ScheduledTask[] {
  const get = <T>(service: new (...args: never[]) => T): T => context.get(service, { strict: false });
  return [
    { name: 'flush-journal', schedule: '*/5 * * * *', run: async () => void (await get(JournalService).flush()) },
    { name: 'expire-uploads', schedule: '*/15 * * * *', run: async () => void (await get(UploadsService).expire()) },
    {
      name: 'check-fixity',
      schedule: '*/5 * * * *',
      run: async () => {
        await get(FixityService).check({
          bytes: upkeep.fixityBytesPerSecond * FIXITY_PERIOD_SECONDS,
          olderThan: new Date(Date.now() - upkeep.fixityDays * DAY_MS),
        });
      },
    },
    {
      name: 'collect',
      schedule: '20 * * * *',
      run: async () => await collect(get(CollectorService), upkeep.removalDays),
    },
    { name: 'adopt-blobs', schedule: '40 3 * * 0', run: async () => void (await get(CollectorService).adopt()) },
    {
      name: 'replicate',
      schedule: '*/5 * * * *',
      run: async () => void (await get(ReplicationService).replicate(REPLICATION_BYTES)),
    },
    {
      name: 'watch-decay',
      schedule: '*/10 * * * *',
      run: async () => {
        const { decayDays: periodDays, decayWholeDays: wholeDays } = upkeep;
        await get(DecayWatchService).check({ ...DECAY, periodDays, wholeDays });
      },
    },
    {
      name: 'collect-pointers',
      schedule: '50 2 * * *',
      run: async () => void (await get(PointersService).collectPublished()),
    },
    {
      // What no session speaks of: content on its way in when a process or the store broke down.
      name: 'expire-staging',
      schedule: '30 * * * *',
      run: async () => {
        const store: Store = context.get(STORE, { strict: false });
        await store.staging.expire(new Date(Date.now() - STAGING_EXPIRY_MS));
      },
    },
    {
      name: 'request-rehearsals',
      schedule: '*/2 * * * *',
      run: async () => {
        if (rehearse === 'on-publication') await get(RehearsalRequestsService).request();
      },
    },
    {
      name: 'forget-idempotency-keys',
      schedule: '0 * * * *',
      run: async () => void (await get(IdempotencyService).expire()),
    },
    {
      name: 'forget-log-lines',
      schedule: '50 * * * *',
      run: async () => void (await get(JobLogService).forget(new Date(Date.now() - LOG_ROWS_MS))),
    },
  ];
}

async function collect(collector: CollectorService, removalDays: number | null): Promise<void> {
  for (;;) {
    const { kept, quarantined } = await collector.review(BATCH);
    if (kept + quarantined.length < BATCH) break;
  }
  if (removalDays === null) return;
  const before = new Date(Date.now() - removalDays * DAY_MS);
  while ((await collector.remove(BATCH, before)).length === BATCH);
}

/**
 * What takes its time, apart from the clock's tasks, which must not wait for it. Woken by each request; the sweep finds
 * what a dead worker held.
 */
export function longTasks(context: INestApplicationContext): ScheduledTask[] {
  const ingests = context.get(IngestRunner, { strict: false });
  return [{ name: RUN_INGESTS, schedule: '* * * * *', run: async () => void (await ingests.drain()) }];
}

/** Reading images takes a core for minutes: one at a time, and nobody waits for it. */
export function readingTasks(context: INestApplicationContext): ScheduledTask[] {
  const images = context.get(ImageReadingService, { strict: false });
  return [{ name: READ_IMAGES, schedule: '* * * * *', run: async () => void (await images.drain()) }];
}

/** Rebuilds and the like, apart again: they take hours, and no ingest shall wait for them. */
export function jobTasks(context: INestApplicationContext): ScheduledTask[] {
  const jobs = context.get(JobRunner, { strict: false });
  return [{ name: RUN_JOBS, schedule: '* * * * *', run: async () => void (await jobs.drain()) }];
}
