import type { EnvironmentFormat } from '../format.js';
import { FILE_NAME } from './detect.js';
import { extract } from './extract.js';

export const dockerfileFormat = {
  id: 'dockerfile',
  name: 'Dockerfile',
  url: 'https://docs.docker.com/reference/dockerfile/',
  kind: 'recipe',
  patterns: [FILE_NAME],
  ecosystems: ['docker', 'oci'],
  extract,
} as const satisfies EnvironmentFormat;
