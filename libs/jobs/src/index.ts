export { type JobContext, type JobEnd, type JobHandler, JobHandlers, type RunningJob } from './job-handlers.js';
export { JobLogService, JobLost } from './job-log.service.js';
export { outcomeOf, problemOf } from './job-outcome.js';
export { RUN_JOBS } from './job-queue.service.js';
export { JobRunner } from './job-runner.service.js';
export { type JobEvent, JobFollowService } from './job-follow.service.js';
export { JobsModule, type JobsOptions } from './jobs.module.js';
export { JobsService } from './jobs.service.js';
