import type { EnvironmentFormat } from '../format.js';
import { extract } from './extract.js';

export const numericRuntimeFormat = {
  id: 'numeric-runtime',
  name: 'numeric-runtime.json',
  url: 'https://numpy.org/doc/stable/reference/generated/numpy.show_runtime.html',
  kind: 'listing',
  patterns: [/^numeric-runtime\.json$/],
  isUtf8Only: true,
  ecosystems: [],
  extract,
} as const satisfies EnvironmentFormat;
