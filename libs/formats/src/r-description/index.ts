import type { EnvironmentFormat } from '../format.js';
import { extract, FILE_NAME } from './extract.js';

export const rDescriptionFormat = {
  id: 'r-description',
  name: 'DESCRIPTION of R',
  url: 'https://cran.r-project.org/doc/manuals/r-release/R-exts.html#The-DESCRIPTION-file',
  kind: 'package file',
  patterns: [FILE_NAME],
  ecosystems: ['cran', 'github', 'bitbucket'],
  extract,
} as const satisfies EnvironmentFormat;
