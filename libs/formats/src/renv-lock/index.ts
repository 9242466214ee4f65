import type { EnvironmentFormat } from '../format.js';
import { extract, FILE_NAME } from './extract.js';

export const renvLockFormat = {
  id: 'renv-lock',
  name: 'renv.lock',
  url: 'https://rstudio.github.io/renv/articles/lockfile.html',
  kind: 'lock file',
  patterns: [FILE_NAME],
  isUtf8Only: true,
  ecosystems: ['cran', 'github', 'bitbucket'],
  extract,
} as const satisfies EnvironmentFormat;
