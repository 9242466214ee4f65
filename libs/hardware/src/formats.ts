import { cpuid } from './cpuid/index.js';
import { cpuinfo } from './cpuinfo/index.js';
import type { HardwareFormat } from './format.js';
import { hwlocXml } from './hwloc-xml/index.js';
import { lscpuJson } from './lscpu-json/index.js';
import { lscpu } from './lscpu/index.js';
import { lshwJson } from './lshw-json/index.js';
import { nvidiaSmiQ } from './nvidia-smi-q/index.js';
import { nvidiaSmiTable } from './nvidia-smi-table/index.js';
import { nvidiaSmiXml } from './nvidia-smi-xml/index.js';
import { sysctl } from './sysctl/index.js';

/** In order of precedence: the first that takes the content reads it. */
export const HARDWARE_FORMATS: readonly HardwareFormat[] = [
  nvidiaSmiXml,
  hwlocXml,
  lscpuJson,
  lshwJson,
  nvidiaSmiQ,
  nvidiaSmiTable,
  cpuid,
  lscpu,
  cpuinfo,
  sysctl,
];
