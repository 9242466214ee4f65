import type { EnvironmentFormat } from '../format.js';
import { extract, FILE_NAME } from './extract.js';

export const condaLockFormat = {
  id: 'conda-lock',
  name: 'conda-lock.yml',
  url: 'https://conda.github.io/conda-lock/output/',
  kind: 'lock file',
  patterns: [FILE_NAME],
  ecosystems: ['conda', 'pypi'],
  extract,
} as const satisfies EnvironmentFormat;
