import type { EnvironmentManifest, LockFault, LockOffender, ManifestPackage } from '@envarium/schema';
import { type LockResult, offenderOf, refuseLock } from '../lock/lock-result.js';
import { chooseSource, isRefusal, lockSources, type LockSource } from '../lock/lock-sources.js';

export const RENV_MEDIA_TYPE = 'application/json';

/**
 * A deposited renv.lock, when it says of every package its exact version and where it comes from. renv hashes what it
 * installed, not what it downloaded, and that hash follows from nothing else: such a file cannot be made afterwards.
 * https://rstudio.github.io/renv/articles/lockfile.html
 *
 * @param lockFiles those of the deposit that are of this format
 */
export function judgeRenvLock(manifest: EnvironmentManifest, lockFiles: readonly string[], asked?: string): LockResult {
  const sources = lockSources(manifest, 'cran');
  if (sources.length === 0) return refuseLock('no-packages');
  const locks = sources.filter(({ file }) => lockFiles.includes(file));
  if (locks.length === 0) return refuseLock('no-lock-file');
  const judged = locks.map((source) => ({ source, offenders: offendersOf(source) }));
  const chosen = chooseSource(judged, asked);
  return isRefusal(chosen) ? chosen : { outcome: 'deposited', file: chosen.file };
}

function offendersOf({ file, packages, unread }: LockSource): LockOffender[] {
  const faulty = packages.flatMap((each) => {
    const fault = faultOf(each);
    return fault === null ? [] : [offenderOf(each, file, fault)];
  });
  return [...unread, ...faulty];
}

function faultOf({ version, skipReason, source }: ManifestPackage): LockFault | null {
  if (version === null) return 'no-version';
  if (skipReason === 'local-path') return 'local-path';
  if (skipReason === 'vcs-source') return /#[0-9a-f]{40}$/.test(source ?? '') ? null : 'no-commit';
  if (skipReason === 'url-source') return 'no-hash';
  if (skipReason !== null) return 'name-or-version-invalid';
  return source === null ? 'no-address' : null;
}
