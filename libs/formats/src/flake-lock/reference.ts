import { formatPurl } from '../purl.js';
import type { Reference } from './schema.js';

const FORGES: ReadonlyMap<string, string> = new Map([
  ['github', 'github.com'],
  ['gitlab', 'gitlab.com'],
  ['sourcehut', 'git.sr.ht'],
]);
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** The reference as a user writes it, `github:owner/repo/ref`, or as a URL. */
export function writeReference(reference: Reference): string | null {
  const { type = '', owner, repo, host, id, url, path, ref, rev } = reference;
  const fixed = rev ?? ref;
  if (FORGES.has(type) && owner !== undefined && repo !== undefined) {
    const at = host === undefined ? '' : `?host=${host}`;
    return `${type}:${owner}/${repo}${fixed === undefined ? '' : `/${fixed}`}${at}`;
  }
  if (type === 'indirect' && id !== undefined) return `flake:${id}${fixed === undefined ? '' : `/${fixed}`}`;
  if (type === 'path' && path !== undefined) return `path:${path}`;
  if (url === undefined) return null;
  // A tarball is of any commit; git and hg name theirs beside the URL.
  const isRepository = type === 'git' || type === 'hg';
  return isRepository ? `${type}+${url}${fixed === undefined ? '' : `#${fixed}`}` : url;
}

/** Only GitHub has a purl type of its own; a branch or tag names no fixed content. */
export function referencePurl({ type, owner, repo, host, dir, rev }: Reference): string | null {
  const isPublic = host === undefined || host === 'github.com';
  if (type !== 'github' || !isPublic || owner === undefined || repo === undefined || !COMMIT.test(rev ?? ''))
    return null;
  return formatPurl({
    type: 'github',
    namespace: owner,
    name: repo,
    ...(rev === undefined ? {} : { version: rev }),
    ...(dir === undefined ? {} : { subpath: dir }),
  });
}
