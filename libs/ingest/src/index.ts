export { RUN_INGESTS } from './ingest-queue.service.js';
export { IngestModule, type IngestOptions } from './ingest.module.js';
export { IngestRunner } from './ingest-runner.service.js';
export { IngestsService } from './ingests.service.js';
export { ImageCopyService } from './image-copy.service.js';
export { ProgressCount } from './progress-count.js';
export { UpstreamOpener } from './upstream-opener.js';
