export { RehearsalRequestsService } from './rehearsal-requests.service.js';
export { ImageReadingService, READ_IMAGES } from './image-reading.service.js';
export { RebuildModule } from './rebuild.module.js';
export type { RebuildOptions } from './rebuild-options.js';
