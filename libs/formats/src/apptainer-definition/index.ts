import type { EnvironmentFormat } from '../format.js';
import { extract, FILE_NAME } from './extract.js';

export const apptainerDefinitionFormat = {
  id: 'apptainer-definition',
  name: 'Apptainer definition',
  url: 'https://apptainer.org/docs/user/main/definition_files.html',
  kind: 'recipe',
  patterns: [FILE_NAME],
  ecosystems: ['docker', 'oci', 'deb', 'rpm'],
  extract,
} as const satisfies EnvironmentFormat;
