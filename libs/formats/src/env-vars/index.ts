import type { EnvironmentFormat } from '../format.js';
import { extract, FILE_NAME } from './extract.js';

export const envVarsFormat = {
  id: 'env-vars',
  name: 'env, printenv, export -p',
  url: 'https://pubs.opengroup.org/onlinepubs/9799919799/utilities/env.html',
  kind: 'listing',
  patterns: [FILE_NAME],
  ecosystems: [],
  extract,
} as const satisfies EnvironmentFormat;
