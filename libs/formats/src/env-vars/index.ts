import type { EnvironmentFormat } from '../format.js';
import { extract } from './extract.js';

export const envVarsFormat = {
  id: 'env-vars',
  name: 'env, printenv, export -p',
  url: 'https://pubs.opengroup.org/onlinepubs/9799919799/utilities/env.html',
  kind: 'listing',
  // No `.env`: nobody's secrets are to be collected only because a file has that name.
  patterns: [/^(?:env|printenv)(?:[-_.](?:vars?|variables|dump|list))?\.(?:txt|out|log|list)$/],
  ecosystems: [],
  extract,
} as const satisfies EnvironmentFormat;
