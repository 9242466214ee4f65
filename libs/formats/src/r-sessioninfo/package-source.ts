import type { SkipReason } from '@envarium/schema';
import { formatPurl } from '../purl.js';
import { redactWithin } from '../redact.js';

export interface PackageSource {
  readonly source: string | null;
  readonly purl: string | null;
  readonly skipReason: SkipReason | null;
  readonly hadCredentials: boolean;
}

/** CRAN and its full copies; behind it the R that a binary was built for. */
const CRAN = /^(?:CRAN|RSPM|P3M|PPM|MRAN)(?: \(.*\))?$/i;
const REPOSITORY = /^(?<url>https?:\/\/\S+)(?: \(.*\))?$/;
const FORGE =
  /^(?<forge>github|bitbucket) \((?<owner>[^/\s]+)\/(?<repository>[^/@\s]+)(?<folder>(?:\/[^@\s]+)?)@(?<commit>[0-9a-f]{7,40})\)$/i;
const OTHER_GIT = /^(?:x?git2?r?|gitlab|github|bitbucket|svn)\b/i;

/** The source column: where the library says that it has a package from. */
export function sourceOf(written: string, name: string, version: string | null): PackageSource {
  const text = written.trim();
  const redacted = redactWithin(text);
  const plain = { source: redacted.url, purl: null, skipReason: null, hadCredentials: redacted.hadCredentials };
  if (/^<?NA>?$|^\(.*\)$|^$/.test(text)) return { ...plain, source: null };
  if (/^(?:local|load_all\(\))/.test(text)) return { ...plain, skipReason: 'local-path' };
  const cran = { type: 'cran', name, ...(version === null ? {} : { version }) };
  if (CRAN.test(text)) return { ...plain, purl: formatPurl(cran) };
  const url = REPOSITORY.exec(redacted.url)?.groups?.['url'];
  if (url !== undefined) return { ...plain, purl: formatPurl({ ...cran, qualifiers: { repository_url: url } }) };
  const { forge, owner, repository, folder = '', commit } = FORGE.exec(text)?.groups ?? {};
  if (forge !== undefined && owner !== undefined && repository !== undefined && commit !== undefined) {
    const purl = formatPurl({
      type: forge.toLowerCase(),
      namespace: owner,
      name: repository,
      version: commit,
      subpath: folder.slice(1),
    });
    return { ...plain, purl };
  }
  return OTHER_GIT.test(text) ? { ...plain, skipReason: 'vcs-source' } : plain;
}
