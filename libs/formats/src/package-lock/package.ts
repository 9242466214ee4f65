import type { SpecPackage, SpecProblem, Standing } from '@envarium/schema';
import { redactUrl } from '../redact.js';
import { specPackage } from '../spec.js';
import type { LocatedEntry } from './entries.js';
import { parseIntegrity } from './integrity.js';
import { npmPurl, originOf, readVersion, type Origin } from './origin.js';
import type { LockEntry } from './schema.js';

export interface ReadPackage {
  readonly package: SpecPackage;
  readonly problems: readonly SpecProblem[];
  readonly hadCredentials: boolean;
}

const ALIAS = /^npm:(?<name>(?:@[^/@]+\/)?[^@]+)@(?<version>.+)$/;
const MODULES = 'node_modules/';

/** One entry of the tree: from the registry, a git commit, a URL or a folder of the project. */
export function readPackage(
  located: LocatedEntry,
  entry: LockEntry,
  line: number | null,
  standing: Standing,
): ReadPackage {
  const integrity = parseIntegrity(entry.integrity ?? '');
  const version = typeof entry.version === 'string' ? redactUrl(entry.version) : null;
  const resolved = entry.resolved === undefined ? null : redactUrl(entry.resolved);
  const alias = ALIAS.exec(version?.url ?? '')?.groups;
  const name = alias?.['name'] ?? entry.name ?? nameOfPath(located.path);
  const written = alias?.['version'] ?? version?.url ?? entry.version;
  const isLocal = entry.link === true || !located.path.includes(MODULES);
  const facts = isLocal
    ? { ...readVersion(written), purl: null, skipReason: 'local-path' as const }
    : describeOrigin(name, written, resolved?.url ?? null);
  return {
    package: specPackage({
      ecosystem: 'npm',
      name,
      standing,
      hashes: integrity.hashes,
      source: resolved?.url ?? null,
      marker: platformMarker(entry),
      group: groupOf(entry),
      line,
      ...facts,
    }),
    problems: integrity.unreadable.map((expression) => ({
      reason: 'syntax-invalid',
      message: `The integrity of ${located.path} is no digest of a known algorithm: ${expression.slice(0, 80)}`,
      line,
    })),
    hadCredentials: (version?.hadCredentials ?? false) || (resolved?.hadCredentials ?? false),
  };
}

/** Registry prefix of a tarball URL, `https://registry/` of `https://registry/name/-/name-1.0.0.tgz`. */
export function registryOf(resolved: string, name: string): string | null {
  const at = resolved.indexOf(`/${name}/-/`);
  return at === -1 ? null : resolved.slice(0, at + 1);
}

type OriginFacts = Pick<SpecPackage, 'version' | 'purl' | 'skipReason'> & Partial<SpecPackage>;

function describeOrigin(name: string, written: unknown, resolved: string | null): OriginFacts {
  // lockfileVersion 1 writes git, file and URL sources into `version`.
  const origin = typeof written === 'string' ? originOf(written) : null;
  if (typeof written === 'string' && origin !== null && origin.kind !== 'registry') {
    return { version: written, source: resolved ?? written, ...pinnedBy(origin) };
  }
  const read = readVersion(written);
  const place = originOf(resolved ?? '');
  const isTarball = place.kind === 'url' && isRegistryUrl(resolved ?? '', name);
  if (place.kind === 'registry' || isTarball) return { ...read, purl: npmPurl(name, read.version) };
  return { ...read, ...pinnedBy(place) };
}

/** Registries keep tarballs under `/-/`, some under `/download/`; any other URL was written by a person. */
function isRegistryUrl(url: string, name: string): boolean {
  return url.includes('/-/') || url.includes(`/download/${name}/`);
}

/** A commit with a purl of its own is fully understood; the other sources only tell where to look. */
function pinnedBy(origin: Exclude<Origin, { kind: 'registry' }>): Pick<SpecPackage, 'purl' | 'skipReason'> {
  switch (origin.kind) {
    case 'git':
      return { purl: origin.purl, skipReason: origin.purl === null ? 'vcs-source' : null };
    case 'path':
      return { purl: null, skipReason: 'local-path' };
    case 'url':
      return { purl: null, skipReason: 'url-source' };
  }
}

function nameOfPath(path: string): string {
  const at = path.lastIndexOf(MODULES);
  return at === -1 ? path : path.slice(at + MODULES.length);
}

function groupOf(entry: LockEntry): string | null {
  if (entry.dev === true) return 'dev';
  if (entry.devOptional === true) return 'devOptional';
  if (entry.optional === true) return 'optional';
  return entry.peer === true ? 'peer' : null;
}

function platformMarker(entry: LockEntry): string | null {
  const conditions = [
    ['os', entry.os],
    ['cpu', entry.cpu],
    ['libc', entry.libc],
  ] as const;
  const written = conditions.flatMap(([key, values]) => (values ? [`${key}=${values.join(',')}`] : []));
  return written.length === 0 ? null : written.join(' ');
}
