import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from '@envarium/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobsClient } from './jobs-client.js';
import { startWorker, type Worker } from './worker.js';

/** A time that does not come while the test runs. */
const NEVER = '0 0 29 2 *';

describe('queue/worker', () => {
  let database: TestDatabase;
  let jobs: JobsClient;
  let worker: Worker | null = null;
  const failures: string[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    jobs = new JobsClient(database.url);
  });
  afterAll(async () => {
    await worker?.stop();
    await jobs.close();
    await database.drop();
  });

  it('is woken before any worker ran, once for many calls, and runs the task when it starts', async () => {
    let runs = 0;
    const woken = await Promise.all([jobs.wake('count'), jobs.wake('count'), jobs.wake('count')]);
    const done = withResolvers();
    const tasks = [
      { name: 'count', schedule: NEVER, run: async () => void (runs += 1) },
      { name: 'last', schedule: NEVER, run: async () => done.resolve() },
    ];

    worker = await startWorker({ databaseUrl: database.url, tasks, onFailure: (task) => failures.push(task) });
    await worker.wake('last');
    await done.promise;

    expect(woken).toEqual([true, true, true]);
    expect(runs).toBe(1);
    expect(failures).toEqual([]);
  });

  it('says that it could not wake when there is no database', async () => {
    const nowhere = new JobsClient('postgresql://127.0.0.1:1/none');

    expect(await nowhere.wake('count')).toBe(false);
    await nowhere.close();
  });

  it('runs a task that is woken while it runs once more', async () => {
    await worker?.stop();
    let runs = 0;
    const tasks = [
      {
        name: 'again',
        schedule: NEVER,
        run: async () => {
          runs += 1;
          if (runs === 1) await jobs.wake('again');
        },
      },
    ];
    worker = await startWorker({ databaseUrl: database.url, tasks, onFailure: (task) => failures.push(task) });

    await worker.wake('again');

    while (runs < 2) await sleep(20);
    expect(failures).toEqual([]);
  });
});

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
