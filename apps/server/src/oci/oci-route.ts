import { ArchiveError } from '@envarium/errors';
import { parseRepositoryName, type RepositoryName } from '@envarium/oci';

/** Endpoints that live inside a repository. */
const REPOSITORY_ENDPOINTS = ['uploads', 'upload', 'blob', 'manifest', 'tags', 'referrers'] as const;
export type RepositoryEndpoint = (typeof REPOSITORY_ENDPOINTS)[number];

/**
 * Where a request goes. `reference` is the last path segment, decoded and not yet checked: a digest, a tag or an upload
 * id; empty for the endpoints that have none.
 */
export type OciPath =
  | { readonly endpoint: 'base' | 'catalog' }
  | { readonly endpoint: RepositoryEndpoint; readonly name: RepositoryName; readonly reference: string };

/**
 * The name is whatever stands before the last match, so a repository may be called `lab/manifests/tags`.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#endpoints
 */
const PATTERNS: readonly (readonly [RepositoryEndpoint, RegExp])[] = [
  ['uploads', /^(?<name>.*)\/blobs\/uploads\/?$/],
  ['upload', /^(?<name>.*)\/blobs\/uploads\/(?<reference>[^/]+)$/],
  ['blob', /^(?<name>.*)\/blobs\/(?<reference>[^/]+)$/],
  ['manifest', /^(?<name>.*)\/manifests\/(?<reference>[^/]+)$/],
  ['tags', /^(?<name>.*)\/tags\/list$/],
  ['referrers', /^(?<name>.*)\/referrers\/(?<reference>[^/]+)$/],
];

/** True for everything that must be answered in the way of the distribution specification. */
export function isOciUrl(url: string): boolean {
  return /^\/v2(?:[/?]|$)/.test(url);
}

/**
 * Reads the URL as it was sent. A router would decode `%2F` and fold `..` first, and two spellings of one repository
 * would pass different checks.
 * @param url path and query of the request line
 * @throws ArchiveError NAME_INVALID; NOT_FOUND for a path that the specification does not know
 */
export function parseOciPath(url: string): OciPath {
  const path = url.split('?', 1)[0] ?? '';
  const rest = path.replace(/^\/v2\/?/, '');
  if (rest === '') return { endpoint: 'base' };
  if (rest === '_catalog') return { endpoint: 'catalog' };
  for (const [endpoint, pattern] of PATTERNS) {
    const groups = pattern.exec(rest)?.groups;
    if (groups === undefined) continue;
    const { name = '', reference = '' } = groups;
    return { endpoint, name: parseRepositoryName(name), reference: decodeSegment(reference) };
  }
  throw new ArchiveError('NOT_FOUND', { path: path.slice(0, 300) });
}

export function parseOciQuery(url: string): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : url.slice(start + 1));
}

/** Some clients write the colon of a digest as `%3A`. What does not decode is left to fail its own grammar. */
function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
