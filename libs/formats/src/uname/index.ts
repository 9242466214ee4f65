import type { EnvironmentFormat } from '../format.js';
import { extract } from './extract.js';

export const unameFormat = {
  id: 'uname',
  name: 'uname -a',
  url: 'https://pubs.opengroup.org/onlinepubs/9799919799/utilities/uname.html',
  kind: 'listing',
  patterns: [/^uname(?:[-_.][\w.-]+)?$/],
  ecosystems: [],
  extract,
} as const satisfies EnvironmentFormat;
