import { cpuinfo } from './cpuinfo/index.js';
import type { HardwareFormat } from './format.js';
import { lscpuJson } from './lscpu-json/index.js';
import { lscpu } from './lscpu/index.js';
import { nvidiaSmiXml } from './nvidia-smi-xml/index.js';

/** In order of precedence: the first that takes the content reads it. */
export const HARDWARE_FORMATS: readonly HardwareFormat[] = [nvidiaSmiXml, lscpuJson, lscpu, cpuinfo];
