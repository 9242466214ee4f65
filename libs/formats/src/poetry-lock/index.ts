import type { EnvironmentFormat } from '../format.js';
import { extract, FILE_NAME } from './extract.js';

export const poetryLockFormat = {
  id: 'poetry-lock',
  name: 'poetry.lock',
  url: 'https://python-poetry.org/docs/basic-usage/#installing-with-poetrylock',
  kind: 'lock file',
  patterns: [FILE_NAME],
  isUtf8Only: true,
  ecosystems: ['pypi'],
  extract,
} as const satisfies EnvironmentFormat;
