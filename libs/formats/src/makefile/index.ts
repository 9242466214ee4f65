import type { EnvironmentFormat } from '../format.js';
import { extract } from './extract.js';

export const makefileFormat = {
  id: 'makefile',
  name: 'Makefile',
  url: 'https://www.gnu.org/software/make/manual/html_node/Makefile-Contents.html',
  kind: 'recipe',
  patterns: [/^(?:GNU)?[Mm]akefile(?:[._-][\w.-]+)?$/],
  ecosystems: [],
  extract,
} as const satisfies EnvironmentFormat;
