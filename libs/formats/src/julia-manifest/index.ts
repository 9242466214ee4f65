import type { EnvironmentFormat } from '../format.js';
import { extract, FILE_NAME } from './extract.js';

export const juliaManifestFormat = {
  id: 'julia-manifest',
  name: 'Julia Manifest.toml',
  url: 'https://pkgdocs.julialang.org/v1/toml-files/#Manifest.toml',
  kind: 'lock file',
  patterns: [FILE_NAME],
  ecosystems: ['julia'],
  extract,
} as const satisfies EnvironmentFormat;
