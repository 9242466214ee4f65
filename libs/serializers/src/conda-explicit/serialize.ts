import type { EnvironmentManifest, LockFault, LockOffender, ManifestPackage } from '@envarium/schema';
import { fileHashes } from '../file-hashes.js';
import { type LockResult, offenderOf, refuseLock } from '../lock/lock-result.js';
import { chooseSource, isRefusal, lockSources, type LockSource } from '../lock/lock-sources.js';
import { ambiguityOf, listedPlatforms, type LockQuestion, narrowSources } from '../lock/placement.js';
import { packageAddress } from './package-address.js';

export const CONDA_MEDIA_TYPE = 'text/plain; charset=utf-8';
const ANY_PLATFORM = 'noarch';

/**
 * A list for `conda create --file`: every package file by address and hash, of one platform.
 * https://github.com/conda/ceps/pull/79
 */
export function serializeCondaExplicit(
  manifest: EnvironmentManifest,
  asked: LockQuestion = {},
  multiple: readonly string[] = [],
): LockResult {
  const narrowed = narrowSources(lockSources(manifest, 'conda'), asked, multiple);
  if (isRefusal(narrowed)) return narrowed;
  const judged = narrowed.map((source) => ({ source, offenders: offendersOf(source) }));
  const chosen = chooseSource(judged, asked.file);
  if (isRefusal(chosen)) return chosen;
  const ambiguity = ambiguityOf(chosen, asked, multiple);
  if (ambiguity !== null) return ambiguity;
  const platforms = platformsOf(chosen.packages);
  const platform = asked.platform ?? platforms[0] ?? ANY_PLATFORM;
  if (asked.platform === undefined && platforms.length > 1)
    return refuseLock('several-platforms', { choices: platforms });
  if (platforms.length > 0 && !platforms.includes(platform))
    return refuseLock('platform-unknown', { choices: platforms });
  const packages = chosen.packages.filter((each) => isFor(each, platform, platforms));
  const conflicting = conflicts(packages);
  if (conflicting.length > 0) {
    return refuseLock('not-exact', {
      offenders: conflicting.map((each) => offenderOf(each, chosen.file, 'several-versions')),
    });
  }
  const lines = [
    `# From ${JSON.stringify(chosen.file)}. Install: conda create --name NAME --file FILE`,
    ...(platforms.length === 0 ? [] : [`# platform: ${platform}`]),
    '@EXPLICIT',
    ...[...new Set(packages.map(lineOf))].toSorted(),
  ];
  return { outcome: 'written', bytes: Buffer.from(`${lines.join('\n')}\n`), file: chosen.file };
}

function offendersOf({ file, packages, unread }: LockSource): LockOffender[] {
  const several = platformsOf(packages).length > 1;
  const faulty = packages.flatMap((each) => {
    const fault = faultOf(each, several);
    return fault === null ? [] : [offenderOf(each, file, fault)];
  });
  return [...unread, ...faulty];
}

/** @param several the file is for several platforms, so a package for any of them must say for which it is listed */
function faultOf(each: ManifestPackage, several: boolean): LockFault | null {
  if (each.version === null) return 'no-version';
  if (each.skipReason === 'local-path') return 'local-path';
  const address = packageAddress(each);
  if (address === null) return 'no-address';
  if (several && address.subdir === ANY_PLATFORM && listedPlatforms(each.marker) === null) return 'platform-unknown';
  return hashOf(each) === null ? 'no-hash' : null;
}

function platformsOf(packages: readonly ManifestPackage[]): string[] {
  const subdirs = new Set(packages.flatMap((each) => packageAddress(each)?.subdir ?? []));
  return [...subdirs].filter((subdir) => subdir !== ANY_PLATFORM).toSorted();
}

function isFor(each: ManifestPackage, platform: string, platforms: readonly string[]): boolean {
  const subdir = packageAddress(each)?.subdir;
  if (subdir !== ANY_PLATFORM) return subdir === platform;
  return platforms.length < 2 || (listedPlatforms(each.marker) ?? []).includes(platform);
}

function conflicts(packages: readonly ManifestPackage[]): ManifestPackage[] {
  const linesOf = new Map<string, Set<string>>();
  for (const each of packages) {
    const lines = linesOf.get(each.normalizedName);
    if (lines === undefined) linesOf.set(each.normalizedName, new Set([lineOf(each)]));
    else lines.add(lineOf(each));
  }
  return packages.filter(({ normalizedName }) => (linesOf.get(normalizedName)?.size ?? 0) > 1);
}

function lineOf(each: ManifestPackage): string {
  return `${packageAddress(each)?.url ?? ''}#${hashOf(each) ?? ''}`;
}

/** sha256 needs its name; a bare hash is md5, which every conda reads. */
function hashOf(each: ManifestPackage): string | null {
  const hashes = fileHashes(each.hashes);
  const sha256 = hashes.find(({ algorithm }) => algorithm === 'sha256');
  if (sha256 !== undefined) return `sha256:${sha256.hex}`;
  return hashes.find(({ algorithm }) => algorithm === 'md5')?.hex ?? null;
}
