export { RUN_INGESTS } from './ingest-bell.js';
export { IngestModule, type IngestOptions } from './ingest.module.js';
export { IngestRunner } from './ingest-runner.service.js';
export { IngestsService } from './ingests.service.js';
