import type { EnvironmentFormat } from '../format.js';
import { extract } from './extract.js';

export const guixManifestFormat = {
  id: 'guix-manifest',
  name: 'Guix manifest',
  url: 'https://guix.gnu.org/manual/en/html_node/Writing-Manifests.html',
  kind: 'package file',
  patterns: [/^(?:guix[\w.-]*|manifest[\w.-]*)\.scm$/],
  ecosystems: ['guix'],
  extract,
} as const satisfies EnvironmentFormat;
