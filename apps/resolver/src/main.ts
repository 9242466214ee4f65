import 'reflect-metadata';
import { loadConfig } from '@envarium/config';
import { IngestRunner } from '@envarium/ingest';
import { JobRunner } from '@envarium/jobs';
import { type ScheduledTask, startWorker, type Worker } from '@envarium/queue';
import { ImageReadingService } from '@envarium/rebuild';
import { pino } from 'pino';
import { createContext } from './create-context.js';
import { describeFailure, runUntilStopped } from '@envarium/process';
import { jobTasks, longTasks, readingTasks, scheduledTasks } from './tasks.js';

/** Long tasks that run at a time: one large image must not keep everybody waiting. */
const LONG_TASKS = 2;
/** By then every lease of a worker that died before this one began has run out. */
const SECOND_LOOKS_MS = [11_000, 21_000];
/** Rebuilds and the like at a time. */
const JOBS = 2;

await runUntilStopped(async () => {
  const config = loadConfig();
  const log = pino({ level: config.logLevel, name: 'resolver' });
  const { context, databaseUrl } = await createContext(config);
  const onFailure = (task: string, error: unknown): void =>
    log.error({ err: error, task }, 'task failed; it is tried again at its next time');
  const clock = await startWorker({
    databaseUrl,
    tasks: scheduledTasks(context, config.upkeep, config.rebuild.rehearse),
    onFailure,
  });
  const startPatient = async (tasks: ScheduledTask[], concurrency: number): Promise<Worker> => {
    const worker = await startWorker({ databaseUrl, tasks, onFailure, concurrency });
    // What was asked for, or left behind, while no resolver ran.
    const wake = async (): Promise<void> => {
      for (const { name } of tasks) await worker.wake(name);
    };
    await wake();
    for (const delay of SECOND_LOOKS_MS) {
      // Not asked for again should the database be away just then: the tasks run each minute anyway.
      setTimeout(() => void wake().catch(() => undefined), delay).unref();
    }
    return worker;
  };
  const patient = await startPatient(longTasks(context), LONG_TASKS);
  const reader = await startPatient(readingTasks(context), 1);
  const builder = await startPatient(jobTasks(context), JOBS);
  process.send?.({ type: 'ready' });
  return async () => {
    context.get(IngestRunner, { strict: false }).stop();
    context.get(JobRunner, { strict: false }).stop();
    context.get(ImageReadingService, { strict: false }).stop();
    await Promise.all([clock.stop(), patient.stop(), reader.stop(), builder.stop()]);
    await context.close();
  };
}, describeFailure);
