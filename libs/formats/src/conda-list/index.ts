import type { EnvironmentFormat } from '../format.js';
import { extract } from './extract.js';

export const condaListFormat = {
  id: 'conda-list',
  name: 'conda list',
  url: 'https://docs.conda.io/projects/conda/en/stable/commands/list.html',
  kind: 'listing',
  patterns: [/^(?:conda|mamba|micromamba)[-_.]?(?:list|packages)\.(?:txt|json)$/i, /^package-list\.txt$/i],
  ecosystems: ['conda', 'pypi'],
  extract,
} as const satisfies EnvironmentFormat;
