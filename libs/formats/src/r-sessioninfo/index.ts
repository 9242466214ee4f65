import type { EnvironmentFormat } from '../format.js';
import { extract } from './extract.js';

export const rSessionInfoFormat = {
  id: 'r-sessioninfo',
  name: 'sessionInfo() of R',
  url: 'https://rdrr.io/r/utils/sessionInfo.html',
  kind: 'listing',
  patterns: [/session[-_.]?info[\w.-]*\.(?:txt|log|out|md)$/i],
  ecosystems: ['cran', 'github', 'bitbucket'],
  extract,
} as const satisfies EnvironmentFormat;
