import type { SkipReason } from '@envarium/schema';
import { formatPurl } from '../purl.js';
import type { RenvPackage } from './schema.js';

/** Where renv obtained a package, and the purl when there is a purl type for that place. */
export interface Origin {
  readonly source: string | null;
  readonly purl: string | null;
  readonly skipReason: SkipReason | null;
}

/** Names under which CRAN and its full copies (Posit's package managers) stand in `Repository`. */
const CRAN_NAME = /^(?:CRAN|RSPM|P3M|PPM|MRAN)$/i;
const CRAN_URL = /\/cran(?:\/|$)/i;
const PUBLIC_FORGE = /^(?:https:\/\/)?(?:api\.)?(?:github\.com|bitbucket\.org)(?:\/|$)/;
/** The URL of a repository stands once in the file and comes again with every package of it. */
const MOST_CHARACTERS = 500;
const BIOCONDUCTOR_NAME = /^(?:BioC|Bioconductor)/i;

/**
 * @param repositories name to URL, of the `R` section
 * @see https://rstudio.github.io/renv/articles/lockfile.html
 */
export function originOf(
  entry: RenvPackage,
  name: string,
  version: string | null,
  repositories: ReadonlyMap<string, string>,
): Origin {
  // pak writes RemoteType "standard" for packages that come from a repository.
  const isRemote = entry.RemoteType !== undefined && !/^(?:standard|repository|cran|bioc)/i.test(entry.RemoteType);
  const kind = (entry.Source ?? (isRemote ? entry.RemoteType : undefined) ?? 'repository').toLowerCase();
  switch (kind) {
    case 'repository':
    case 'cran':
      return fromRepository(kind === 'cran' ? 'CRAN' : entry.Repository, name, version, repositories);
    case 'bioconductor':
      return { source: entry.Repository ?? entry.Source ?? null, purl: null, skipReason: null };
    case 'github':
    case 'bitbucket':
      return fromForge(kind, entry);
    case 'local':
    case 'cellar':
      return { source: entry.RemoteUrl ?? entry.Source ?? null, purl: null, skipReason: 'local-path' };
    case 'url':
      return { source: entry.RemoteUrl ?? null, purl: null, skipReason: 'url-source' };
    case 'gitlab':
    case 'git':
    case 'git2r':
    case 'xgit':
    case 'svn':
      return { source: remoteUrl(entry), purl: null, skipReason: 'vcs-source' };
    default:
      return { source: entry.Source ?? null, purl: null, skipReason: 'unsupported-installer' };
  }
}

function fromRepository(
  repository: string | undefined,
  name: string,
  version: string | null,
  repositories: ReadonlyMap<string, string>,
): Origin {
  if (repository === undefined) return { source: null, purl: null, skipReason: null };
  const listed = repository.includes('://') ? repository : repositories.get(repository);
  const url = listed !== undefined && listed.length <= MOST_CHARACTERS ? listed : undefined;
  const source = url ?? repository;
  if (BIOCONDUCTOR_NAME.test(repository)) return { source, purl: null, skipReason: null };
  const purl = { type: 'cran', name, ...(version === null ? {} : { version }) };
  if (CRAN_NAME.test(repository) || CRAN_URL.test(url ?? ''))
    return { source, purl: formatPurl(purl), skipReason: null };
  if (url === undefined) return { source, purl: null, skipReason: null };
  return { source, purl: formatPurl({ ...purl, qualifiers: { repository_url: url } }), skipReason: null };
}

/** A commit fixes the content; without one only the place is known. */
function fromForge(type: 'github' | 'bitbucket', entry: RenvPackage): Origin {
  const { RemoteUsername: namespace, RemoteRepo: repository, RemoteSha: commit } = entry;
  const source = remoteUrl(entry);
  // A company's own GitHub has no purl type.
  const isPublic = entry.RemoteHost === undefined || PUBLIC_FORGE.test(entry.RemoteHost);
  if (!isPublic || namespace === undefined || repository === undefined || !/^[0-9a-f]{7,40}$/.test(commit ?? '')) {
    return { source, purl: null, skipReason: 'vcs-source' };
  }
  const purl = formatPurl({
    type,
    namespace,
    name: repository,
    ...(commit === undefined ? {} : { version: commit }),
    ...(entry.RemoteSubdir === undefined ? {} : { subpath: entry.RemoteSubdir }),
  });
  return { source, purl, skipReason: purl === null ? 'vcs-source' : null };
}

/** `https://host/user/repository#commit` of the remote fields. */
function remoteUrl(entry: RenvPackage): string | null {
  const commit = entry.RemoteSha === undefined ? '' : `#${entry.RemoteSha}`;
  if (entry.RemoteUrl !== undefined) return `${entry.RemoteUrl}${commit}`;
  if (entry.RemoteUsername === undefined || entry.RemoteRepo === undefined) return entry.Source ?? null;
  const path = `${entry.RemoteUsername}/${entry.RemoteRepo}${commit}`;
  const host = entry.RemoteHost?.replace(/^api\./, '').replace(/\/api\/v\d+\/?$/, '');
  return host === undefined ? path : `https://${host}/${path}`;
}
