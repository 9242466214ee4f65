import type { EnvironmentFormat } from '../format.js';
import { extract } from './extract.js';

export const guixChannelsFormat = {
  id: 'guix-channels',
  name: 'Guix channels',
  url: 'https://guix.gnu.org/manual/en/html_node/Channels.html',
  kind: 'lock file',
  patterns: [/^channels[\w.-]*\.scm$/],
  ecosystems: ['guix', 'github'],
  extract,
} as const satisfies EnvironmentFormat;
