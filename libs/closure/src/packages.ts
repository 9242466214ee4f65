import { createHash } from 'node:crypto';
import type { ClosurePackage, Exchange } from '@envarium/schema';
import { type LockedPackage, lockedPackages, type LockFile } from './locked-packages.js';
import { comparablePurl, purlOfUrl } from './package-url.js';
import { indexedAt, indexedFiles, type ReadBody } from './recorded-indexes.js';

/** A recorded package whose bytes are not those that a lock file or an index says. */
export interface IntegrityProblem {
  readonly purl: string;
  readonly url: string;
  readonly digest: string;
  readonly saidBy: 'lock' | 'index';
  /** Of the lock file; null for an index. */
  readonly file: string | null;
  readonly line: number | null;
  readonly expected: readonly string[];
}

export interface ClosurePackages {
  /** In the order of their addresses. */
  readonly packages: readonly ClosurePackage[];
  /** Not empty: the recording must not be accepted. */
  readonly problems: readonly IntegrityProblem[];
}

interface Claim {
  readonly saidBy: 'lock' | 'index';
  readonly hashes: readonly string[];
  readonly file: string | null;
  readonly line: number | null;
}

/** The recorded files that are packages, each checked against what lock files and recorded indexes say about it. */
export async function packagesOf(
  exchanges: readonly Exchange[],
  readBody: ReadBody,
  lockFiles: readonly LockFile[] = [],
): Promise<ClosurePackages> {
  const locked = byPurl(lockedPackages(lockFiles));
  const indexed = await indexedFiles(exchanges, readBody);
  const packages: ClosurePackage[] = [];
  const problems: IntegrityProblem[] = [];
  for (const { method, status, url, digest, size } of exchanges) {
    const index = indexedAt(indexed, url);
    const purl = method === 'GET' && status === 200 ? purlOfUrl(url, index?.version) : null;
    if (purl === null || digest === null) continue;
    const lock = locked.get(comparablePurl(purl)) ?? [];
    const claims: Claim[] = [
      ...(lock.length === 0 ? [] : [lockClaim(lock)]),
      ...(index === undefined ? [] : [{ saidBy: 'index' as const, hashes: index.hashes, file: null, line: null }]),
    ];
    const outcomes = await check(digest, claims, readBody);
    for (const { claim, isRight } of outcomes) {
      if (isRight) continue;
      const { saidBy, hashes, file, line } = claim;
      problems.push({ purl, url, digest, saidBy, file, line, expected: hashes });
    }
    const by = outcomes.find(({ isRight }) => isRight)?.claim.saidBy;
    packages.push({ purl, url, digest, size, integrity: by === 'lock' ? 'locked' : (by ?? 'none') });
  }
  return { packages: packages.toSorted((a, b) => (a.url < b.url ? -1 : Number(a.url > b.url))), problems };
}

/** The bytes of `packages.jsonl`. */
export function encodePackages(packages: readonly ClosurePackage[]): Buffer {
  const lines = packages.map(({ purl, url, digest, size, integrity }) =>
    JSON.stringify({ purl, url, digest, size, integrity }),
  );
  return Buffer.from(lines.map((line) => `${line}\n`).join(''));
}

function byPurl(locked: readonly LockedPackage[]): Map<string, LockedPackage[]> {
  const groups = new Map<string, LockedPackage[]>();
  for (const one of locked) groups.set(one.purl, [...(groups.get(one.purl) ?? []), one]);
  return groups;
}

function lockClaim(lock: readonly LockedPackage[]): Claim {
  const [first] = lock;
  // Two lock files may name the files of two platforms of one version.
  return {
    saidBy: 'lock',
    hashes: lock.flatMap(({ hashes }) => hashes),
    file: first?.file ?? null,
    line: first?.line ?? null,
  };
}

/** Claims in hashes that cannot be computed are passed over: they neither hold nor fail. */
async function check(
  digest: string,
  claims: readonly Claim[],
  readBody: ReadBody,
): Promise<{ claim: Claim; isRight: boolean }[]> {
  const computable = claims.filter(({ hashes }) => hashes.some(isComputable));
  const algorithms = new Set(computable.flatMap(({ hashes }) => hashes.filter(isComputable).map(algorithmOf)));
  const actual = new Set([digest, ...(await hashesOf(digest, [...algorithms], readBody))]);
  return computable.map((claim) => ({ claim, isRight: claim.hashes.some((hash) => actual.has(hash)) }));
}

async function hashesOf(digest: string, algorithms: readonly string[], readBody: ReadBody): Promise<string[]> {
  const others = algorithms.filter((algorithm) => algorithm !== 'sha256');
  if (others.length === 0) return [];
  const hashes = others.map((algorithm) => ({ algorithm, hash: createHash(algorithm) }));
  for await (const chunk of readBody(digest)) for (const { hash } of hashes) hash.update(chunk);
  return hashes.map(({ algorithm, hash }) => `${algorithm}:${hash.digest('hex')}`);
}

function isComputable(hash: string): boolean {
  return ['md5', 'sha1', 'sha256', 'sha384', 'sha512'].includes(algorithmOf(hash));
}

function algorithmOf(hash: string): string {
  return hash.slice(0, hash.indexOf(':'));
}
