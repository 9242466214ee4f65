import type { ImageDemands } from '@envarium/schema';
import type { Need } from './image-needs.js';

interface Distribution {
  readonly ids: readonly string[];
  /** First major version that is built for it as a whole. */
  readonly since: number;
  readonly level: string;
}

/**
 * Distributions whose packages all are compiled for more than the baseline of x86-64, highest first. AlmaLinux 10 comes in
 * two builds that call themselves the same: it is sure of the lower one only.
 */
const DISTRIBUTIONS: readonly Distribution[] = [
  { ids: ['rhel', 'centos', 'rocky', 'ol', 'eurolinux'], since: 10, level: 'x86-64-v3' },
  { ids: ['rhel', 'centos', 'rocky', 'ol', 'eurolinux', 'almalinux'], since: 9, level: 'x86-64-v2' },
  { ids: ['opensuse-leap', 'sles'], since: 16, level: 'x86-64-v2' },
];

/** What os-release says of the programs of an image for amd64. */
export function levelOfSystem(system: ImageDemands['system']): Need | null {
  const major = Number(/^\d{1,3}(?=\.|$)/.exec(system?.versionId ?? '')?.[0]);
  const found = DISTRIBUTIONS.find(({ ids, since }) => system !== null && ids.includes(system.id) && major >= since);
  if (system === null || found === undefined) return null;
  return { value: found.level, evidence: `${system.id} ${system.versionId} by ${system.evidence}` };
}
