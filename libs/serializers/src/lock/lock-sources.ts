import type { EnvironmentManifest, LockOffender, ManifestPackage } from '@envarium/schema';
import { type LockRefusal, refuseLock } from './lock-result.js';

/** What one file says of an ecosystem. */
export interface LockSource {
  readonly file: string;
  readonly packages: readonly ManifestPackage[];
  readonly unread: readonly LockOffender[];
}

/** An installed conda environment has one file for each package; together they are one list. */
const CONDA_META = /^(.*(?:^|\/)conda-meta)\/[^/]+\.json$/;

/** The manifest merges what its files say; a lock file is one of them, whole. */
export function lockSources(manifest: EnvironmentManifest, ecosystem: string): LockSource[] {
  const sources = new Map<string, Set<ManifestPackage>>();
  for (const each of manifest.scopes.flatMap((scope) => scope.packages)) {
    if (each.ecosystem !== ecosystem) continue;
    for (const { file } of each.evidence) {
      const name = CONDA_META.exec(file)?.[1] ?? file;
      const known = sources.get(name);
      if (known === undefined) sources.set(name, new Set([each]));
      else known.add(each);
    }
  }
  return [...sources]
    .map(([file, packages]) => ({ file, packages: [...packages], unread: unreadOf(manifest, file) }))
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** A line that was not understood may name a package, so the file is not known to be whole. */
export function unreadOf(manifest: EnvironmentManifest, file: string): LockOffender[] {
  return manifest.notUnderstood
    .filter(({ evidence }) => evidence.file === file && evidence.line !== null)
    .map(({ evidence }) => ({ package: null, version: null, file, line: evidence.line, fault: 'not-understood' }));
}

export interface JudgedSource<T extends LockSource> {
  readonly source: T;
  readonly offenders: readonly LockOffender[];
}

/** The one file that is exact, or the one that was asked for. */
export function chooseSource<T extends LockSource>(
  judged: readonly JudgedSource<T>[],
  asked: string | undefined,
): T | LockRefusal {
  if (judged.length === 0) return refuseLock('no-packages');
  const files = judged.map(({ source }) => source.file);
  const candidates = asked === undefined ? judged : judged.filter(({ source }) => source.file === asked);
  if (candidates.length === 0) return refuseLock('file-unknown', { choices: files });
  const exact = candidates.filter(({ offenders }) => offenders.length === 0);
  const [first, second] = exact;
  if (second !== undefined) return refuseLock('several-files', { choices: exact.map(({ source }) => source.file) });
  if (first !== undefined) return first.source;
  // The file that is nearest to exact tells best what is missing.
  const [nearest] = candidates.toSorted((a, b) => shareOf(a) - shareOf(b));
  return refuseLock('not-exact', { offenders: nearest?.offenders ?? [] });
}

function shareOf({ source, offenders }: JudgedSource<LockSource>): number {
  return offenders.length / source.packages.length;
}

export function isRefusal(value: object): value is LockRefusal {
  return 'outcome' in value && value.outcome === 'refused';
}
