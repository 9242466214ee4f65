import type { LockFault, LockOffender, ManifestPackage } from '@envarium/schema';

/** A lock file that can be installed from, or why there is none. */
export type LockResult =
  /** Made from the environment manifest. */
  | { readonly outcome: 'written'; readonly bytes: Buffer; readonly file: string }
  /** A deposited file is it already, byte for byte. */
  | { readonly outcome: 'deposited'; readonly file: string }
  | LockRefusal;

export interface LockRefusal {
  readonly outcome: 'refused';
  readonly reason: LockRefusalReason;
  /** The first of them. */
  readonly offenders: readonly LockOffender[];
  readonly offenderCount: number;
  /** Files or platforms to choose from. */
  readonly choices: readonly string[];
}

export type LockRefusalReason =
  | 'no-packages'
  | 'no-lock-file'
  | 'not-exact'
  | 'several-files'
  | 'several-platforms'
  | 'several-environments'
  | 'file-unknown'
  | 'platform-unknown'
  | 'environment-unknown';

const SHOWN = 10;

export function refuseLock(
  reason: LockRefusalReason,
  { offenders = [], choices = [] }: { offenders?: readonly LockOffender[]; choices?: readonly string[] } = {},
): LockRefusal {
  return {
    outcome: 'refused',
    reason,
    offenders: offenders.slice(0, SHOWN),
    offenderCount: offenders.length,
    choices,
  };
}

export function offenderOf(each: ManifestPackage, file: string, fault: LockFault): LockOffender {
  const line = each.evidence.find((evidence) => evidence.file === file)?.line ?? null;
  return { package: each.name, version: each.version, file, line, fault };
}
