import type { EnvironmentFormat } from '../format.js';
import { extract, FILE_NAME } from './extract.js';

export const pylockFormat = {
  id: 'pylock',
  name: 'pylock.toml',
  url: 'https://packaging.python.org/en/latest/specifications/pylock-toml/',
  kind: 'lock file',
  patterns: [FILE_NAME],
  isUtf8Only: true,
  ecosystems: ['pypi'],
  extract,
} as const satisfies EnvironmentFormat;
