import type { EnvironmentFormat } from '../format.js';
import { extract } from './extract.js';

export const spdxFormat = {
  id: 'spdx',
  name: 'SPDX document',
  url: 'https://spdx.dev/use/specifications/',
  kind: 'sbom',
  patterns: [/\.spdx(?:3?\.json)?$/, /(?:^|[._-])spdx3?\.json$/],
  ecosystems: ['generic', 'pypi', 'npm', 'deb', 'rpm', 'apk', 'cran', 'conda', 'golang', 'cargo', 'maven'],
  extract,
} as const satisfies EnvironmentFormat;
