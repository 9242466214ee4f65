import type { ImageDemands, ImageLibc } from '@envarium/schema';
import { levelOfSystem } from './distribution-levels.js';
import type { CudaNeeds, ImageNeeds, Need } from './image-needs.js';
import { compareIsaLevels } from './isa-level.js';
import { toOciArchitecture } from './platform.js';
import { compareVersions } from './version-order.js';

/** What was read out of the files of an image, as needs. An image for amd64 may hold a libc for 32-bit programs too. */
export function needsOfDemands(demands: ImageDemands): ImageNeeds {
  const architecture = toOciArchitecture(demands.architecture)?.architecture;
  const libcs = demands.libcs.filter((libc) => libc.architecture === null || libc.architecture === architecture);
  const libc = mainLibc(libcs);
  const level = architecture === 'amd64' ? highestLevel(demands) : null;
  const cuda = toolkitOf(demands);
  return {
    ...(libc !== null && { libc: { value: `${libc.family} ${libc.version}`, evidence: libc.evidence } }),
    ...(libc?.kernelMinimum != null && { kernelMinimum: { value: libc.kernelMinimum, evidence: libc.evidence } }),
    // archspec writes x86_64_v2.
    ...(level !== null && { microarchitecture: { ...level, value: level.value.replaceAll('-', '_') } }),
    ...(cuda !== null && { cuda }),
  };
}

/** Of several the one that asks least: which of them programs load is not known, and a refusal must be certain. */
function mainLibc(libcs: readonly ImageLibc[]): ImageLibc | null {
  const glibcs = libcs
    .filter(({ family }) => family === 'glibc')
    .toSorted((a, b) => compareVersions(a.kernelMinimum ?? '0', b.kernelMinimum ?? '0'));
  return glibcs[0] ?? libcs[0] ?? null;
}

function highestLevel({ isaLevels, system }: ImageDemands): Need | null {
  const ofSystem = levelOfSystem(system);
  const levels = isaLevels.map(({ level, evidence }): Need => ({ value: level, evidence }));
  const [highest = null] = [...levels, ...(ofSystem === null ? [] : [ofSystem])].toSorted(
    (a, b) => compareIsaLevels(b.value, a.value) ?? 0,
  );
  return highest;
}

/** Of two toolkits nobody knows which one programs are linked with. */
function toolkitOf({ toolkits }: ImageDemands): CudaNeeds | null {
  const found = toolkits.flatMap(({ version, evidence }): CudaNeeds[] => {
    const toolkit = /^\d{1,3}\.\d{1,3}(?=\.|$)/.exec(version)?.[0];
    return toolkit === undefined ? [] : [{ toolkit, evidence }];
  });
  const [first] = found;
  return first !== undefined && found.every(({ toolkit }) => toolkit === first.toolkit) ? first : null;
}

/** In words, each with what says so. */
export function describeNeeds({ kernelMinimum, libc, microarchitecture, cuda }: ImageNeeds): string[] {
  const by = libc === undefined ? '' : `${libc.value}, `;
  return [
    ...(kernelMinimum === undefined ? [] : [`Linux ${kernelMinimum.value} or newer (${by}${kernelMinimum.evidence})`]),
    ...(microarchitecture === undefined
      ? []
      : [`a CPU that has all of ${microarchitecture.value} (${microarchitecture.evidence})`]),
    ...(cuda === undefined ? [] : [`a driver for CUDA ${cuda.toolkit}, where a GPU is used (${cuda.evidence})`]),
  ];
}
