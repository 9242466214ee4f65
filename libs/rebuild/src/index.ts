export { RebuildModule } from './rebuild.module.js';
export type { RebuildOptions } from './rebuild-options.js';
