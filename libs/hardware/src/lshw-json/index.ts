import type { HardwareFormat } from '../format.js';
import { extract } from './extract.js';

export const lshwJson = {
  id: 'lshw-json',
  name: 'lshw -json',
  url: 'https://ezix.org/project/wiki/HardwareLiSter',
  patterns: [/^lshw\.json$/i],
  extract,
} as const satisfies HardwareFormat;
