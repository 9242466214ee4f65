import type { EnvironmentFormat } from '../format.js';
import { extract, FILE_NAME } from './extract.js';

export const aptTxtFormat = {
  id: 'apt-txt',
  name: 'apt.txt',
  url: 'https://repo2docker.readthedocs.io/en/latest/configuration/system/',
  kind: 'package file',
  patterns: [FILE_NAME],
  ecosystems: ['deb'],
  extract,
} as const satisfies EnvironmentFormat;
