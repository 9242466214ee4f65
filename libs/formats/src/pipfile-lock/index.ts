import type { EnvironmentFormat } from '../format.js';
import { extract, FILE_NAME } from './extract.js';

export const pipfileLockFormat = {
  id: 'pipfile-lock',
  name: 'Pipfile.lock',
  url: 'https://pipenv.pypa.io/en/latest/locking.html',
  kind: 'lock file',
  patterns: [FILE_NAME],
  isUtf8Only: true,
  ecosystems: ['pypi'],
  extract,
} as const satisfies EnvironmentFormat;
