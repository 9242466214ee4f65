import type { HardwareFormat } from '../format.js';
import { extract } from './extract.js';

export const nvidiaSmiQ = {
  id: 'nvidia-smi-q',
  name: 'nvidia-smi -q',
  url: 'https://docs.nvidia.com/deploy/nvidia-smi/index.html',
  patterns: [/^nvidia-smi-q(?:\.(?:txt|out|log))?$/i],
  extract,
} as const satisfies HardwareFormat;
