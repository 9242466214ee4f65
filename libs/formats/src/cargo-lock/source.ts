import type { SkipReason } from '@envarium/schema';
import { formatPurl } from '../purl.js';

/** What a `source` says: `KIND+URL`, for git with the commit behind `#`. */
export interface CrateSource {
  readonly purl: string | null;
  readonly skipReason: SkipReason | null;
}

const SOURCE = /^(?<kind>registry|sparse|git|path|directory|local-registry)\+(?<url>[^#]+)(?:#(?<fragment>.*))?$/;
/** The index in Git and its successor over HTTP: both are crates.io, the registry of a purl without `repository_url`. */
const CRATES_IO = /^https:\/\/(?:github\.com\/rust-lang\/crates\.io-index|index\.crates\.io\/?)$/;
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** @param source without credentials; undefined for a crate of the project itself */
export function crateSource(name: string, version: string | null, source: string | undefined): CrateSource {
  if (source === undefined) return { purl: null, skipReason: 'local-path' };
  const { kind, url, fragment } = SOURCE.exec(source)?.groups ?? {};
  const known = { type: 'cargo', name, ...(version === null ? {} : { version }) };
  if (url === undefined || kind === undefined) return { purl: null, skipReason: 'unsupported-installer' };
  if (kind === 'registry' || kind === 'sparse') {
    const isDefault = CRATES_IO.test(url);
    return {
      purl: formatPurl(isDefault ? known : { ...known, qualifiers: { repository_url: url } }),
      skipReason: null,
    };
  }
  if (kind !== 'git') return { purl: null, skipReason: 'local-path' };
  if (fragment === undefined || !COMMIT.test(fragment)) return { purl: null, skipReason: 'vcs-source' };
  // One repository may hold many crates, so that the repository alone would be no name of this one.
  const [repository = ''] = url.split('?', 1);
  return { purl: formatPurl({ ...known, qualifiers: { vcs_url: `git+${repository}@${fragment}` } }), skipReason: null };
}
