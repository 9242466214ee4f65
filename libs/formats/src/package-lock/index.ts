import type { EnvironmentFormat } from '../format.js';
import { extract, FILE_NAME } from './extract.js';

export const packageLockFormat = {
  id: 'package-lock',
  name: 'npm package-lock.json',
  url: 'https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json',
  kind: 'lock file',
  patterns: [FILE_NAME],
  isUtf8Only: true,
  ecosystems: ['npm'],
  extract,
} as const satisfies EnvironmentFormat;
