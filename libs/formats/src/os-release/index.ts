import type { EnvironmentFormat } from '../format.js';
import { extract } from './extract.js';

export const osReleaseFormat = {
  id: 'os-release',
  name: '/etc/os-release',
  url: 'https://www.freedesktop.org/software/systemd/man/latest/os-release.html',
  kind: 'listing',
  patterns: [/^os-release(?:[-_.][\w.-]+)?$/],
  ecosystems: [],
  extract,
} as const satisfies EnvironmentFormat;
