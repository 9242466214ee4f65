import type { EnvironmentFormat } from '../format.js';
import { extract } from './extract.js';

export const dpkgListFormat = {
  id: 'dpkg-list',
  name: 'dpkg -l and dpkg-query -W',
  url: 'https://manpages.debian.org/dpkg-query.1',
  kind: 'listing',
  patterns: [/^dpkg[-_.](?:l|list|query)[-\w.]*$/, /^dpkg\.(?:txt|list|out)$/],
  ecosystems: ['deb'],
  extract,
} as const satisfies EnvironmentFormat;
