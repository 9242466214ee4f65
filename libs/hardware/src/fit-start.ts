import type { FitReport, StartVerdict } from '@envarium/schema';
import { featuresOfMicroarchitecture } from './archspec.js';
import type { ImageNeeds } from './image-needs.js';
import { compareIsaLevels } from './isa-level.js';
import { listed } from './listed.js';
import type { Machine } from './machine.js';
import { NUMERIC_FEATURE } from './numeric-feature.js';
import { EMULATED, toOciArchitecture, type OciArchitecture } from './platform.js';
import { compareVersions } from './version-order.js';

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
  needs: ImageNeeds,
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
  const remarks = [...libcReasons(needs, machine), ...featureReasons(archived, machine)];
  if (best.verdict === 'no') return { verdict: 'no', reasons: [...reasons, ...remarks] };
  const asked = [assessKernel(needs, machine), assessTarget(needs, machine)].filter((finding) => finding !== null);
  const said = (verdict: StartVerdict): string[] =>
    asked.filter((finding) => finding.verdict === verdict).map(({ reason }) => reason);
  const [refusals, open, met] = [said('no'), said('unknown'), said('yes')];
  if (refusals.length > 0) return { verdict: 'no', reasons: [...refusals, ...reasons, ...open, ...met, ...remarks] };
  if (open.length > 0) return { verdict: 'unknown', reasons: [...open, ...reasons, ...met, ...remarks] };
  return { verdict: best.verdict, reasons: [...reasons, ...met, ...remarks] };
}

/**
 * The loader of glibc refuses a kernel older than its libc was built for ("FATAL: kernel too old"); since 2.36 it does not
 * look, and programs end where they miss a system call. That few kernels are so old is why an unknown one is no question.
 */
function assessKernel({ kernelMinimum, libc }: ImageNeeds, { kernel, operatingSystem }: Machine): Finding | null {
  if (kernelMinimum === undefined || operatingSystem !== 'Linux') return null;
  const { value, evidence } = kernelMinimum;
  const which = libc === undefined ? ` (${evidence})` : `, ${libc.value} (${evidence}),`;
  const need = `The libc of the image${which} needs Linux ${value}`;
  if (kernel === null) return { verdict: 'yes', reason: `${need} or newer; your kernel is not known.` };
  const verdict = compareVersions(kernel, value) >= 0 ? 'yes' : 'no';
  return { verdict, reason: `${need}; your kernel is ${kernel}.` };
}

/** By features and not by ancestry: a zen3 is no haswell, and has all that code for a haswell uses. */
function assessTarget({ microarchitecture }: ImageNeeds, machine: Machine): Finding | null {
  const { architecture, features, isaLevel } = machine;
  // What another machine lacks is what emulation is for.
  if (microarchitecture === undefined || architecture !== 'x86_64') return null;
  const { value: name, evidence } = microarchitecture;
  const need = `The image is compiled for ${name} (${evidence})`;
  if (features !== null) {
    const missing = (featuresOfMicroarchitecture(name) ?? []).filter((feature) => !features.has(feature)).toSorted();
    if (missing.length === 0) return { verdict: 'yes', reason: `${need}; your machine has all that it uses.` };
    return { verdict: 'no', reason: `${need}; your machine lacks ${listed(missing)}.` };
  }
  const order = isaLevel === null ? null : compareIsaLevels(isaLevel, name.replaceAll('_', '-'));
  if (order === null) return { verdict: 'unknown', reason: `${need}; whether your machine is that is not known.` };
  return { verdict: order >= 0 ? 'yes' : 'no', reason: `${need}; your machine is ${isaLevel}.` };
}

/** glibc before 2.15 calls the time through the vsyscall page (https://lwn.net/Articles/446528/). */
function libcReasons({ libc }: ImageNeeds, { kernel }: Machine): string[] {
  const version = /^glibc (?<version>\d+\.\d+)/.exec(libc?.value ?? '')?.groups?.['version'];
  if (version === undefined || compareVersions(version, '2.15') >= 0) return [];
  if (kernel !== null && compareVersions(kernel, '3.1') < 0) return [];
  return [
    `The image has ${libc?.value} (${libc?.evidence}): where the kernel is booted with vsyscall=none its programs end with a segmentation fault; vsyscall=emulate helps.`,
  ];
}

/** What an image was compiled for is rarely said in it; that of the machine it was made on is a likely guess at worst. */
function featureReasons(archived: Machine | null, machine: Machine): string[] {
  if (archived === null || archived.architecture !== machine.architecture) return [];
  if (archived.features === null || machine.features === null) return [];
  const has = machine.features;
  const missing = [...archived.features].filter((name) => NUMERIC_FEATURE.test(name) && !has.has(name)).toSorted();
  if (missing.length === 0) return [];
  return [`Programs that were compiled for the archived machine alone (-march=native) need ${listed(missing)}.`];
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
