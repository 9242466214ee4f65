import type { FitReport, StartVerdict } from '@envarium/schema';
import { compareIsaLevels } from './isa-level.js';
import type { Machine } from './machine.js';
import { EMULATED, toOciArchitecture, type OciArchitecture } from './platform.js';

/** `platform` of an OCI descriptor, or the same fields of an image config. */
export interface ImagePlatform {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
}

interface Finding {
  readonly verdict: StartVerdict;
  readonly reason: string;
}

const BEST_FIRST: readonly StartVerdict[] = ['yes', 'emulated-only', 'unknown', 'no'];

export function assessStart(
  image: readonly ImagePlatform[],
  archived: Machine | null,
  machine: Machine,
): FitReport['willItStart'] {
  // Attestations sit in an image index under the platform unknown/unknown; they are no programs.
  const platforms = image.filter(({ architecture }) => architecture !== 'unknown' && architecture !== '');
  const findings = platforms
    .map((platform) => assessPlatform(platform, machine))
    .toSorted((a, b) => BEST_FIRST.indexOf(a.verdict) - BEST_FIRST.indexOf(b.verdict));
  const [best] = findings;
  if (best === undefined) return { verdict: 'unknown', reasons: ['The image names no platform.'] };
  const reasons = best.verdict === 'yes' ? [best.reason] : findings.map(({ reason }) => reason);
  return { verdict: best.verdict, reasons: [...reasons, ...gpuReasons(archived, machine)] };
}

function assessPlatform(platform: ImagePlatform, machine: Machine): Finding {
  const image = [platform.os, platform.architecture, platform.variant].filter((part) => part !== undefined).join('/');
  if (platform.os !== 'linux') {
    return { verdict: 'unknown', reason: `The image is for ${image}; only Linux is known here.` };
  }
  const own = machine.name === null ? null : toOciArchitecture(machine.name);
  if (own === null) {
    const name = machine.name === null ? 'unknown' : `"${machine.name}", which has no certain OCI name`;
    return { verdict: 'unknown', reason: `The image is for ${image}; the architecture of your machine is ${name}.` };
  }
  if (own.architecture === platform.architecture) return assessVariant(platform, image, own, machine);
  if (own.architecture === 'amd64' && platform.architecture === '386') {
    return { verdict: 'yes', reason: `The image is for ${image}; amd64 machines run 32-bit programs.` };
  }
  if (own.architecture === 'arm64' && platform.architecture === 'arm') {
    return { verdict: 'unknown', reason: `The image is for ${image}; only some arm64 machines run 32-bit programs.` };
  }
  const verdict = EMULATED.has(platform.architecture) ? 'emulated-only' : 'no';
  return { verdict, reason: `The image is for ${image}; your machine is ${own.architecture}.` };
}

/** Variants name a minimum: `amd64/v3` is x86-64-v3, `arm/v7` is ARMv7. */
function assessVariant(platform: ImagePlatform, image: string, own: OciArchitecture, machine: Machine): Finding {
  const { architecture, variant } = platform;
  const fits: Finding = { verdict: 'yes', reason: `The image is for ${image}, as is your machine.` };
  if (
    variant === undefined ||
    (architecture === 'amd64' && variant === 'v1') ||
    (architecture === 'arm64' && variant === 'v8')
  ) {
    return fits;
  }
  const open: Finding = {
    verdict: 'unknown',
    reason: `The image needs ${image}; whether your machine has ${variant} is not known.`,
  };
  if (architecture === 'amd64') {
    const order = machine.isaLevel === null ? null : compareIsaLevels(machine.isaLevel, `x86-64-${variant}`);
    if (order === null) return open;
    return order >= 0
      ? fits
      : { verdict: 'no', reason: `The image needs ${image}; your machine is ${machine.isaLevel}.` };
  }
  const [needed, has] = [variant, own.variant].map((name) => /^v(?<version>\d)$/.exec(name ?? '')?.groups?.['version']);
  if (architecture !== 'arm' || needed === undefined || has === undefined) return open;
  return has >= needed
    ? fits
    : { verdict: 'no', reason: `The image needs ${image}; your machine is arm/${own.variant}.` };
}

/** A container starts without its GPU; the program in it may not. */
function gpuReasons(archived: Machine | null, machine: Machine): string[] {
  if (archived === null || archived.gpus.length === 0) return [];
  const models = archived.gpus.map(({ model }) => model).join(', ');
  if (machine.gpus.length === 0 && machine.gpuDriver === null) {
    return [
      `The archived machine had a GPU (${models}); nothing is known of one in yours. Programs that need it stop.`,
    ];
  }
  const { gpuDriver: before } = archived;
  const { gpuDriver: now } = machine;
  if (before === null || now === null || compareVersions(now, before) >= 0) return [];
  return [
    `Your GPU driver ${now} is older than the archived one, ${before}: CUDA programs of the image may refuse it.`,
  ];
}

function compareVersions(a: string, b: string): number {
  const [partsA, partsB] = [a.split('.').map(Number), b.split('.').map(Number)];
  for (const [index, part] of partsA.entries()) {
    const difference = part - (partsB[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return partsA.length - partsB.length;
}
