import type { HardwareFormat } from '../format.js';
import { extract } from './extract.js';

export const sysctl = {
  id: 'sysctl',
  name: 'sysctl (macOS)',
  url: 'https://developer.apple.com/documentation/kernel/1387446-sysctlbyname/determining_system_capabilities',
  patterns: [/^sysctl(?:\.(?:txt|out|log))?$/i],
  extract,
} as const satisfies HardwareFormat;
