import { ArchiveError } from '@envarium/errors';
import type { Platform } from './descriptor.js';

const PLATFORM = /^(?<os>[a-z0-9_]{1,32})\/(?<architecture>[a-z0-9_]{1,32})(?:\/(?<variant>[a-z0-9._]{1,32}))?$/;

/** What one of several images is for; null where its makers do not say. */
export interface PlatformCandidate {
  readonly platform: Platform | null;
  readonly digest: string;
}

/**
 * `os/architecture` or `os/architecture/variant`, in Go's spelling.
 * @throws ArchiveError REQUEST_INVALID
 */
export function parsePlatform(text: string): Platform {
  const { os, architecture, variant } = PLATFORM.exec(text)?.groups ?? {};
  if (os === undefined || architecture === undefined) {
    throw new ArchiveError('REQUEST_INVALID', { platform: text.slice(0, 100), expected: 'linux/amd64, linux/arm/v7' });
  }
  return { os, architecture, ...(variant !== undefined && { variant }) };
}

export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined || variant === '' ? [] : [variant])].join('/');
}

/**
 * The one candidate for a platform. A variant that is not asked for may be any, when there is only one.
 * @throws ArchiveError PLATFORM_UNKNOWN with what there is, also when several would do
 */
export function selectPlatform<T extends PlatformCandidate>(candidates: readonly T[], wanted: Platform): T {
  const same = candidates.filter(
    ({ platform }) => platform?.os === wanted.os && platform.architecture === wanted.architecture,
  );
  const exact = same.filter(({ platform }) => platform !== null && variantOf(platform) === variantOf(wanted));
  const fitting = exact.length > 0 || wanted.variant !== undefined ? exact : same;
  const [only, ...others] = fitting;
  if (only !== undefined && others.every(({ digest }) => digest === only.digest)) return only;
  throw new ArchiveError('PLATFORM_UNKNOWN', {
    platform: formatPlatform(wanted),
    reason: only === undefined ? 'absent' : 'ambiguous',
    available: candidates
      .slice(0, 100)
      .map(({ platform, digest }) => ({ platform: platform && formatPlatform(platform), digest })),
  });
}

/** Nobody writes out the variant that is the usual one. https://github.com/containerd/platforms/blob/main/database.go */
function variantOf({ architecture, variant = '' }: Platform): string {
  if (architecture === 'arm64' && variant === 'v8') return '';
  if (architecture === 'amd64' && variant === 'v1') return '';
  if (architecture === 'arm' && variant === '') return 'v7';
  return variant;
}
