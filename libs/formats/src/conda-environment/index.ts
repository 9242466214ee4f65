import type { EnvironmentFormat } from '../format.js';
import { extract } from './extract.js';

export const condaEnvironmentFormat = {
  id: 'conda-environment',
  name: 'conda environment file',
  url: 'https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html#creating-an-environment-file-manually',
  kind: 'package file',
  patterns: [/^(?:.+[-_.])?environment(?:[-_.].+)?\.ya?ml(?:\.lock)?$/i, /^(?:conda[-_.]?)?env(?:[-_.].+)?\.ya?ml$/i],
  ecosystems: ['conda', 'pypi'],
  extract,
} as const satisfies EnvironmentFormat;
