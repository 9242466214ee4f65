import type { HardwareFormat } from '../format.js';
import { extract } from './extract.js';

export const nvidiaSmiXml = {
  id: 'nvidia-smi-xml',
  name: 'nvidia-smi -q -x',
  url: 'https://docs.nvidia.com/deploy/nvidia-smi/index.html',
  patterns: [/^nvidia-smi\.xml$/i],
  extract,
} as const satisfies HardwareFormat;
