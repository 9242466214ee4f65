import type { EnvironmentFormat } from '../format.js';
import { extract, FILE_NAME } from './extract.js';

export const runtimeTxtFormat = {
  id: 'runtime-txt',
  name: 'runtime.txt',
  url: 'https://repo2docker.readthedocs.io/en/latest/configuration/python/',
  kind: 'package file',
  patterns: [FILE_NAME],
  ecosystems: [],
  extract,
} as const satisfies EnvironmentFormat;
