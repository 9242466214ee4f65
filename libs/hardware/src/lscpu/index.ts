import type { HardwareFormat } from '../format.js';
import { extract } from './extract.js';

export const lscpu = {
  id: 'lscpu',
  name: 'lscpu',
  url: 'https://man7.org/linux/man-pages/man1/lscpu.1.html',
  patterns: [/^lscpu(?:\.(?:txt|out|log))?$/i],
  extract,
} as const satisfies HardwareFormat;
