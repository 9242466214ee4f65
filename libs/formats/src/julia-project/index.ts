import type { EnvironmentFormat } from '../format.js';
import { extract, FILE_NAME } from './extract.js';

export const juliaProjectFormat = {
  id: 'julia-project',
  name: 'Julia Project.toml',
  url: 'https://pkgdocs.julialang.org/v1/toml-files/#Project.toml',
  kind: 'package file',
  patterns: [FILE_NAME],
  ecosystems: ['julia'],
  extract,
} as const satisfies EnvironmentFormat;
