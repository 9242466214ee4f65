import { type LockRefusal, refuseLock } from './lock-result.js';
import type { LockSource } from './lock-sources.js';

/** Which of several environments in one lock file is meant. */
export interface LockQuestion {
  readonly file?: string | undefined;
  readonly platform?: string | undefined;
  readonly environment?: string | undefined;
}

/** How the readers of conda-lock.yml and pixi.lock write for which platforms a package is listed. */
const PLATFORMS = /^platform=([\w,-]+)$/;

/** @returns null for a condition of another kind, which platforms have nothing to do with */
export function listedPlatforms(marker: string | null): string[] | null {
  return PLATFORMS.exec(marker ?? '')?.[1]?.split(',') ?? null;
}

/**
 * Only what is listed for the platform and the environment that were asked for.
 * @param multiple files whose groups are environments of their own: pixi.lock
 */
export function narrowSources(
  sources: readonly LockSource[],
  { platform, environment }: LockQuestion,
  multiple: readonly string[],
): LockSource[] | LockRefusal {
  let narrowed: LockSource[] = [...sources];
  if (environment !== undefined) {
    const choices = [...new Set(narrowed.flatMap((source) => environmentsOf(source, multiple)))];
    narrowed = narrowed.flatMap((source) => {
      if (!environmentsOf(source, multiple).includes(environment)) return [];
      return [{ ...source, packages: source.packages.filter(({ group }) => group === environment) }];
    });
    if (narrowed.length === 0) return refuseLock('environment-unknown', { choices });
  }
  if (platform !== undefined) {
    const choices = [...new Set(narrowed.flatMap(platformsOf))];
    narrowed = narrowed.flatMap((source) => {
      if (platformsOf(source).length === 0) return [source];
      if (!platformsOf(source).includes(platform)) return [];
      const packages = source.packages.filter(({ marker }) => listedPlatforms(marker)?.includes(platform) ?? true);
      return [{ ...source, packages }];
    });
    if (narrowed.length === 0 && choices.length > 0) return refuseLock('platform-unknown', { choices });
  }
  return narrowed;
}

/** One environment must be meant: a union of several is none. */
export function ambiguityOf(
  source: LockSource,
  { platform, environment }: LockQuestion,
  multiple: readonly string[],
): LockRefusal | null {
  const environments = environmentsOf(source, multiple);
  if (environment === undefined && environments.length > 1)
    return refuseLock('several-environments', { choices: environments });
  const platforms = platformsOf(source);
  if (platform === undefined && platforms.length > 1) return refuseLock('several-platforms', { choices: platforms });
  return null;
}

function environmentsOf({ file, packages }: LockSource, multiple: readonly string[]): string[] {
  if (!multiple.includes(file)) return [];
  return [...new Set(packages.flatMap(({ group }) => group ?? []))].toSorted();
}

function platformsOf({ packages }: LockSource): string[] {
  return [...new Set(packages.flatMap(({ marker }) => listedPlatforms(marker) ?? []))].toSorted();
}
