import 'reflect-metadata';
import { loadConfig } from '@envarium/config';
import { startWorker } from '@envarium/queue';
import { pino } from 'pino';
import { createContext } from './create-context.js';
import { describeFailure, runUntilStopped } from '@envarium/process';
import { scheduledTasks } from './tasks.js';

await runUntilStopped(async () => {
  const config = loadConfig();
  const log = pino({ level: config.logLevel, name: 'resolver' });
  const { context, databaseUrl } = await createContext(config);
  const worker = await startWorker({
    databaseUrl,
    tasks: scheduledTasks(context, config.upkeep),
    onFailure: (task, error) => log.error({ err: error, task }, 'task failed; it is tried again at its next time'),
  });
  process.send?.({ type: 'ready' });
  return async () => {
    await worker.stop();
    await context.close();
  };
}, describeFailure);
