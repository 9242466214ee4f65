import type { EnvironmentFormat } from '../format.js';
import { extract } from './extract.js';

export const goModFormat = {
  id: 'go-mod',
  name: 'go.mod',
  url: 'https://go.dev/ref/mod#go-mod-file',
  kind: 'package file',
  patterns: [/(?:^|[-._])go[-.]mod$/],
  ecosystems: ['golang'],
  extract,
} as const satisfies EnvironmentFormat;
