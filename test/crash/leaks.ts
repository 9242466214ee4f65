import { STORE, type Store } from '@envarium/storage';
import { parseDigest } from '@envarium/oci';
import { scheduledTasks } from '../../apps/resolver/src/tasks.js';
import type { ServiceUnderTest } from './service-under-test.js';

/** What is still there after everything that was abandoned has expired and the resolver has done all it does by the clock. */
export interface Leaks {
  /** Sessions that are over, still in the database. */
  readonly sessions: string[];
  readonly staged: string[];
  readonly unfinished: string[];
  /** Bytes in the store that no row names. */
  readonly unnamed: string[];
  /** Objects whose bytes are not what their name says. */
  readonly wrong: string[];
  /** False: the store's clock cannot be set, so what expires by its age was told to expire at once. */
  readonly isAged: boolean;
}

/** As the defaults are, but for the pace. */
const UPKEEP = { fixityDays: 90, fixityBytesPerSecond: 1 << 30, decayDays: 30, decayWholeDays: 365, removalDays: null };
const SESSIONS_OVER = `UPDATE upload SET expires_at = now() - interval '1 day', lease_until = now() - interval '1 day'`;

/** Lets two days pass, for all that was abandoned, and looks. */
export async function leaksAfterExpiry(service: ServiceUnderTest): Promise<Leaks> {
  const context = await service.context();
  const store = context.get<Store>(STORE, { strict: false });
  await service.sql(SESSIONS_OVER);
  const isAged = await service.store.age(await unnamedBlobs(service, store));
  for (const { run } of scheduledTasks(context, UPKEEP)) await run();
  if (!isAged) await store.staging.expire(new Date(Date.now() + 60_000));
  const sessions = await service.sql<{ id: string }>('SELECT id FROM upload WHERE expires_at < now()');
  return {
    sessions: sessions.map(({ id }) => id),
    staged: await service.store.staged(),
    unfinished: await service.store.unfinished(),
    unnamed: await unnamedBlobs(service, store),
    wrong: await wrongBlobs(store),
    isAged,
  };
}

async function unnamedBlobs(service: ServiceUnderTest, store: Store): Promise<string[]> {
  const rows = await service.sql<{ digest: string }>(`SELECT digest FROM blob WHERE state <> 'removed'`);
  const named = new Set(rows.map(({ digest }) => digest));
  const unnamed: string[] = [];
  for await (const { digest } of store.blobs.list()) if (!named.has(digest)) unnamed.push(digest);
  return unnamed;
}

async function wrongBlobs(store: Store): Promise<string[]> {
  const wrong: string[] = [];
  for await (const { digest } of store.blobs.list()) {
    const { outcome } = await store.blobs.verify(parseDigest(digest));
    if (outcome !== 'ok') wrong.push(`${digest}: ${outcome}`);
  }
  return wrong;
}
