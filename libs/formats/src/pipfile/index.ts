import type { EnvironmentFormat } from '../format.js';
import { extract, FILE_NAME } from './extract.js';

export const pipfileFormat = {
  id: 'pipfile',
  name: 'Pipfile',
  url: 'https://pipenv.pypa.io/en/latest/pipfile.html',
  kind: 'package file',
  patterns: [FILE_NAME],
  isUtf8Only: true,
  ecosystems: ['pypi'],
  extract,
} as const satisfies EnvironmentFormat;
