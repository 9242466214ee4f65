import type { EnvironmentFormat } from '../format.js';
import { extract } from './extract.js';

export const rpmListFormat = {
  id: 'rpm-list',
  name: 'rpm -qa, rpm -qi and dnf list',
  url: 'https://rpm.org/docs/latest/man/rpm.8.html',
  kind: 'listing',
  patterns: [/^rpm[-_.](?:qai?|qi|list|packages)[-\w.]*$/, /^rpms?\.(?:txt|list|out)$/],
  ecosystems: ['rpm'],
  extract,
} as const satisfies EnvironmentFormat;
