import type { EnvironmentFormat } from '../format.js';
import { extract, FILE_NAME } from './extract.js';

export const pixiLockFormat = {
  id: 'pixi-lock',
  name: 'pixi.lock',
  url: 'https://pixi.prefix.dev/latest/workspace/lockfile/',
  kind: 'lock file',
  patterns: [FILE_NAME],
  ecosystems: ['conda', 'pypi'],
  extract,
} as const satisfies EnvironmentFormat;
