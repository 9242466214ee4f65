import { IdempotencyService } from '@envarium/access';
import { JournalService } from '@envarium/journal';
import type { ScheduledTask } from '@envarium/queue';
import { FixityService, UploadsService } from '@envarium/registry';
import type { INestApplicationContext } from '@nestjs/common';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Every byte is read back at least this often, and within minutes of its arrival for the first time. */
const FIXITY_INTERVAL_MS = 90 * DAY_MS;
const FIXITY_BATCH = 500;

/** What the resolver does by the clock. Each task is safe to repeat and to run in several processes. */
export function scheduledTasks(context: INestApplicationContext): ScheduledTask[] {
  const get = <T>(service: new (...args: never[]) => T): T => context.get(service, { strict: false });
  return [
    { name: 'flush-journal', schedule: '*/5 * * * *', run: async () => void (await get(JournalService).flush()) },
    { name: 'expire-uploads', schedule: '*/15 * * * *', run: async () => void (await get(UploadsService).expire()) },
    {
      name: 'check-fixity',
      schedule: '*/5 * * * *',
      run: async () =>
        void (await get(FixityService).checkOldest(FIXITY_BATCH, new Date(Date.now() - FIXITY_INTERVAL_MS))),
    },
    {
      name: 'forget-idempotency-keys',
      schedule: '0 * * * *',
      run: async () => void (await get(IdempotencyService).expire()),
    },
  ];
}
