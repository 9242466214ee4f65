import type { HardwareFormat } from '../format.js';
import { extract } from './extract.js';

export const nvidiaSmiTable = {
  id: 'nvidia-smi-table',
  name: 'nvidia-smi',
  url: 'https://docs.nvidia.com/deploy/nvidia-smi/index.html',
  patterns: [/^nvidia-smi(?:\.(?:txt|out|log))?$/i],
  extract,
} as const satisfies HardwareFormat;
