import type { HardwareFormat } from '../format.js';
import { extract } from './extract.js';

export const cpuinfo = {
  id: 'cpuinfo',
  name: '/proc/cpuinfo',
  url: 'https://man7.org/linux/man-pages/man5/proc_cpuinfo.5.html',
  patterns: [/^(?:proc[-_])?cpuinfo(?:\.txt)?$/i],
  extract,
} as const satisfies HardwareFormat;
