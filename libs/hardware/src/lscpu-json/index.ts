import type { HardwareFormat } from '../format.js';
import { extract } from './extract.js';

export const lscpuJson = {
  id: 'lscpu-json',
  name: 'lscpu --json',
  url: 'https://man7.org/linux/man-pages/man1/lscpu.1.html',
  patterns: [/^lscpu\.json$/i],
  extract,
} as const satisfies HardwareFormat;
