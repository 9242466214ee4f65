import type { FitReport, HardwareFingerprint } from '@envarium/schema';
import { assessBits } from './fit-bits.js';
import { assessGpu } from './fit-gpu.js';
import { assessStart, type ImagePlatform } from './fit-start.js';
import type { ImageNeeds } from './image-needs.js';
import { toMachine, type StatedMachine } from './machine.js';
import { virtualPackagesOf } from './virtual-packages.js';

/**
 * How an archived image fits the machine of someone who wants to run it again.
 * @param image the platforms of the image index, or the one of the image
 * @param archived the machine of the archived run; null when no report was deposited
 * @param asker the machine it shall run on now
 * @param needs what else is known of the image
 */
export function assessFit(
  image: readonly ImagePlatform[],
  archived: HardwareFingerprint | null,
  asker: StatedMachine | HardwareFingerprint,
  needs: ImageNeeds = {},
): FitReport {
  const machine = toMachine(asker);
  const before = archived === null ? null : toMachine(archived);
  return {
    willItStart: assessStart(image, needs, before, machine),
    bitsMatch: assessBits(before, machine),
    gpu: assessGpu(needs, before, machine),
    virtualPackages: virtualPackagesOf(machine),
  };
}
