import type { EnvironmentFormat } from '../format.js';
import { extract } from './extract.js';

export const dpkgStatusFormat = {
  id: 'dpkg-status',
  name: 'dpkg status database',
  url: 'https://manpages.debian.org/deb822.5',
  kind: 'listing',
  patterns: [/^(?:dpkg[-_.])?status$/],
  ecosystems: ['deb'],
  extract,
} as const satisfies EnvironmentFormat;
