export { JobsClient } from './jobs-client.js';
export { startWorker, type ScheduledTask, type Task, type Worker, type WorkerOptions } from './worker.js';
