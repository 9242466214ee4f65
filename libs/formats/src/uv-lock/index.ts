import type { EnvironmentFormat } from '../format.js';
import { extract, FILE_NAME } from './extract.js';

export const uvLockFormat = {
  id: 'uv-lock',
  name: 'uv.lock',
  url: 'https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile',
  kind: 'lock file',
  patterns: [FILE_NAME],
  isUtf8Only: true,
  ecosystems: ['pypi'],
  extract,
} as const satisfies EnvironmentFormat;
