import type { EnvironmentFormat } from '../format.js';
import { extract, FILE_NAME } from './extract.js';

export const installRFormat = {
  id: 'install-r',
  name: 'install.R of repo2docker',
  url: 'https://repo2docker.readthedocs.io/en/latest/config_files/#install-r-install-an-r-rstudio-environment',
  kind: 'recipe',
  patterns: [FILE_NAME],
  ecosystems: ['cran', 'github'],
  extract,
} as const satisfies EnvironmentFormat;
