import { formatPurl } from '../purl.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}

/** Packages may share a name, so that only the UUID names one. */
export function juliaPurl(
  name: string,
  uuid: string | undefined,
  version: string | null,
  vcsUrl: string | null = null,
): string | null {
  if (!isUuid(uuid)) return null;
  const qualifiers = { uuid: uuid.toLowerCase(), vcs_url: vcsUrl ?? '' };
  return formatPurl({ type: 'julia', name, ...(version === null ? {} : { version }), qualifiers });
}

/**
 * Where a package is, when its address is a repository. A Git tree hash is the same as the SWHID of a directory
 * (https://www.swhid.org/specification/v1.2/5.Core_identifiers/), and no hash of a file.
 */
export function repositorySource(
  url: string | null,
  revision: string | null,
  subdirectory: string | null,
  tree: string | null,
): string | null {
  if (tree === null) return url === null || revision === null ? url : `${url}#${revision}`;
  const origin = url === null ? '' : `;origin=${url.replaceAll(';', '%3B')}`;
  const path = subdirectory === null ? '' : `;path=/${subdirectory.replaceAll(';', '%3B')}`;
  return `swh:1:dir:${tree}${origin}${path}`;
}
