import type { HardwareFormat } from '../format.js';
import { extract } from './extract.js';

export const hwlocXml = {
  id: 'hwloc-xml',
  name: 'lstopo (hwloc XML)',
  url: 'https://www.open-mpi.org/projects/hwloc/doc/',
  patterns: [/^(?:hwloc|lstopo)\.xml$/i],
  extract,
} as const satisfies HardwareFormat;
