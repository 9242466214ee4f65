import type { EnvironmentFormat } from '../format.js';
import { extract } from './extract.js';

export const cyclonedxFormat = {
  id: 'cyclonedx',
  name: 'CycloneDX SBOM',
  url: 'https://cyclonedx.org/specification/overview/',
  kind: 'sbom',
  patterns: [/(?:^|[._-])s?bom\.(?:json|xml)$/, /\.cdx\.(?:json|xml)$/],
  ecosystems: ['generic', 'pypi', 'npm', 'deb', 'rpm', 'apk', 'cran', 'conda', 'golang', 'cargo', 'maven'],
  extract,
} as const satisfies EnvironmentFormat;
