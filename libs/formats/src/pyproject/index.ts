import type { EnvironmentFormat } from '../format.js';
import { extract, FILE_NAME } from './extract.js';

export const pyprojectFormat = {
  id: 'pyproject',
  name: 'pyproject.toml',
  url: 'https://packaging.python.org/en/latest/specifications/pyproject-toml/',
  kind: 'package file',
  patterns: [FILE_NAME],
  isUtf8Only: true,
  ecosystems: ['pypi'],
  extract,
} as const satisfies EnvironmentFormat;
