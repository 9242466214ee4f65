import type { EnvironmentFormat } from '../format.js';
import { extract } from './extract.js';

export const captureContextFormat = {
  id: 'capture-context',
  name: 'capture-context.json',
  url: 'https://github.com/opencontainers/runtime-spec/blob/main/spec.md',
  kind: 'listing',
  patterns: [/^capture-context\.json$/],
  isUtf8Only: true,
  ecosystems: [],
  extract,
} as const satisfies EnvironmentFormat;
