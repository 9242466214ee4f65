import type { HardwareFormat } from '../format.js';
import { extract } from './extract.js';

export const cpuid = {
  id: 'cpuid',
  name: 'cpuid -r',
  url: 'https://www.etallen.com/cpuid.html',
  patterns: [/^cpuid(?:\.(?:txt|out|log|raw))?$/i],
  extract,
} as const satisfies HardwareFormat;
