import type { EnvironmentFormat } from '../format.js';
import { extract } from './extract.js';

export const lsbReleaseFormat = {
  id: 'lsb-release',
  name: 'lsb_release -a, /etc/lsb-release',
  url: 'https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/lsbrelease.html',
  kind: 'listing',
  patterns: [/^lsb[-_]release(?:[-_.][\w.-]+)?$/],
  ecosystems: [],
  extract,
} as const satisfies EnvironmentFormat;
