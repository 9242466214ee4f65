import type { EnvironmentFormat } from '../format.js';
import { extract } from './extract.js';

export const goSumFormat = {
  id: 'go-sum',
  name: 'go.sum',
  url: 'https://go.dev/ref/mod#go-sum-files',
  kind: 'lock file',
  patterns: [/(?:^|[-._])go[-._](?:work[-.])?sum$/],
  ecosystems: ['golang'],
  extract,
} as const satisfies EnvironmentFormat;
