import type { EnvironmentFormat } from '../format.js';
import { extract, FILE_NAME } from './extract.js';

export const binderScriptFormat = {
  id: 'binder-script',
  name: 'postBuild or start of repo2docker',
  url: 'https://repo2docker.readthedocs.io/en/latest/config_files/#postbuild-run-code-after-installing-the-environment',
  kind: 'recipe',
  patterns: [FILE_NAME],
  ecosystems: ['pypi', 'conda', 'npm', 'deb'],
  extract,
} as const satisfies EnvironmentFormat;
