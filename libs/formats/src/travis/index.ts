import type { EnvironmentFormat } from '../format.js';
import { extract } from './extract.js';

export const travisFormat = {
  id: 'travis',
  name: '.travis.yml',
  url: 'https://docs.travis-ci.com/user/customizing-the-build/',
  kind: 'recipe',
  patterns: [/^\.?travis[\w.-]*\.ya?ml$/],
  ecosystems: [],
  extract,
} as const satisfies EnvironmentFormat;
