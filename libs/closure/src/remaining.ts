import { createHash } from 'node:crypto';
import { ArchiveError } from '@envarium/errors';
import type { Outbound } from '@envarium/outbound';
import type { Exchange } from '@envarium/schema';
import type { ExchangeStore } from './exchange-store.js';
import { lockedPackages, type LockFile } from './locked-packages.js';
import { comparablePurl, purlOfUrl } from './package-url.js';
import { indexedFiles, type ReadBody } from './recorded-indexes.js';
import type { RecordLimits } from './record-limits.js';
import { keptHeaders } from './response-hygiene.js';

/** A file that a lock file names and that this build did not fetch, most often one of another platform. */
export interface RemainingEntry {
  readonly purl: string;
  readonly url: string;
  readonly hashes: readonly string[];
}

/** Where the lock file does not say where a file lies, a recorded index may: by the hash, which both say. */
export async function remainingLockEntries(
  lockFiles: readonly LockFile[],
  exchanges: readonly Exchange[],
  readBody: ReadBody,
): Promise<RemainingEntry[]> {
  const fetched = new Set(exchanges.filter(({ status }) => status === 200).map(({ url }) => url));
  const have = new Set([...fetched].map((url) => comparablePurl(purlOfUrl(url) ?? '')));
  const byHash = new Map<string, string>();
  for (const { url, hashes } of (await indexedFiles(exchanges, readBody)).values()) {
    for (const hash of hashes) byHash.set(hash, url);
  }
  const remaining = new Map<string, RemainingEntry>();
  const crates = [...fetched].map((url) => CRATE.exec(url)?.groups?.['mirror']).find((mirror) => mirror !== undefined);
  for (const { purl, hashes, url: named } of lockedPackages(lockFiles)) {
    const url = named?.startsWith('crate:') === true ? crateAddress(named, crates) : named;
    if (url !== null && !fetched.has(url) && !have.has(purl)) remaining.set(url, { purl, url, hashes });
    if (url !== null) continue;
    for (const hash of hashes) {
      const indexed = byHash.get(hash);
      if (indexed !== undefined && !fetched.has(indexed))
        remaining.set(indexed, { purl, url: indexed, hashes: [hash] });
    }
  }
  return [...remaining.values()];
}

const CRATE = /^(?<mirror>https?:\/\/.+\/crates)\/[^/]+\/[^/]+\/download$/;

/** At the mirror that the recording used; null where it fetched no crate at all. */
function crateAddress(key: string, mirror: string | undefined): string | null {
  return mirror === undefined ? null : `${mirror}/${key.slice('crate:'.length)}/download`;
}

export interface RemainingOptions {
  readonly store: ExchangeStore;
  readonly outbound: Outbound;
  readonly limits: RecordLimits;
  readonly signal: AbortSignal;
}

export interface FetchedRemaining {
  /** To be added to those of the recording. */
  readonly exchanges: readonly Exchange[];
  readonly failed: readonly { readonly entry: RemainingEntry; readonly reason: string }[];
}

/**
 * Fetches files of lock files that the build did not want, one after the other. Only bytes with a hash of the lock file are kept.
 * @throws what the store throws; the reason of `signal`
 */
export async function fetchRemaining(
  entries: readonly RemainingEntry[],
  options: RemainingOptions,
): Promise<FetchedRemaining> {
  const exchanges: Exchange[] = [];
  const failed: { entry: RemainingEntry; reason: string }[] = [];
  for (const entry of entries.slice(0, options.limits.exchanges)) {
    try {
      exchanges.push(await fetchEntry(entry, options));
    } catch (error) {
      options.signal.throwIfAborted();
      failed.push({ entry, reason: reasonOf(error) });
    }
  }
  return { exchanges, failed };
}

async function fetchEntry(
  { url, hashes }: RemainingEntry,
  { store, outbound, limits, signal }: RemainingOptions,
): Promise<Exchange> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(limits.requestMs)]);
  const answer = await outbound.send({ url: new URL(url), signal: within });
  if (answer.status !== 200) {
    answer.discard();
    throw new ArchiveError('UPSTREAM_UNAVAILABLE', { host: answer.url.host, reason: `status-${answer.status}` });
  }
  const { digest, size } = await store.put(checked(answer.body, hashes, limits.bodyBytes));
  const headers = keptHeaders(answer.headers);
  return { method: 'GET', url, request: {}, requestDigest: null, status: 200, headers, digest, size };
}

/** Fails at the end when no hash is right, so that the store keeps nothing. */
async function* checked(
  content: AsyncIterable<Uint8Array>,
  hashes: readonly string[],
  limit: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const known = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'];
  const wanted = [...new Set(hashes.map((hash) => hash.slice(0, hash.indexOf(':'))))];
  const digesters = wanted.filter((name) => known.includes(name)).map((name) => ({ name, hash: createHash(name) }));
  let size = 0;
  for await (const chunk of content) {
    size += chunk.length;
    if (size > limit) throw new ArchiveError('CLOSURE_TOO_LARGE', { limit });
    for (const { hash } of digesters) hash.update(chunk);
    yield chunk;
  }
  const actual = digesters.map(({ name, hash }) => `${name}:${hash.digest('hex')}`);
  if (!actual.some((hash) => hashes.includes(hash))) {
    throw new ArchiveError('DIGEST_INVALID', { expected: hashes, actual });
  }
}

/** @throws what is not the fault of the other server */
function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'too-slow';
  if (!(error instanceof ArchiveError)) throw error;
  if (error.code === 'DIGEST_INVALID') return 'wrong-hash';
  if (error.code === 'CLOSURE_TOO_LARGE') return 'too-large';
  const isOfUpstream = ['OUTBOUND_REFUSED', 'UPSTREAM_UNAVAILABLE', 'UPSTREAM_INVALID'].includes(error.code);
  if (!isOfUpstream) throw error;
  return typeof error.detail['reason'] === 'string' ? error.detail['reason'] : error.code;
}
