import type { EnvironmentFormat } from '../format.js';
import { extract } from './extract.js';

export const condaExplicitFormat = {
  id: 'conda-explicit',
  name: 'conda explicit specification',
  url: 'https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html#building-identical-conda-environments',
  kind: 'lock file',
  patterns: [
    /^(?:explicit|spec-file|spec-list)\.(?:txt|lock)$/i,
    /^conda-(?:linux|osx|win)-[a-z0-9_]+\.lock$/,
    /^environment.*\.lock$/i,
  ],
  ecosystems: ['conda'],
  extract,
} as const satisfies EnvironmentFormat;
