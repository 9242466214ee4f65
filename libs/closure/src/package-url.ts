import { formatPurl, type PurlParts } from '@envarium/formats';

const SDIST =
  /^(?<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*?[A-Za-z0-9])?)-(?<version>\d[A-Za-z0-9.!+_-]*)\.(?:tar\.gz|tar\.bz2|zip)$/;
const WHEEL = /^(?<name>[A-Za-z0-9._]+)-(?<version>[A-Za-z0-9.!+_]+)(?:-\d[A-Za-z0-9._]*)?-[^-]+-[^-]+-[^-]+\.whl$/;

/** How each ecosystem spells the address of a package file. The first that fits is taken; names alone are not enough. */
const SHAPES: readonly ((url: URL, file: string) => PurlParts | null)[] = [
  (url, file) => {
    const found = /^(?<name>[a-z0-9][a-z0-9+.-]*)_(?<version>[^_]+)_(?<arch>[a-z0-9-]+)\.u?deb$/.exec(file)?.groups;
    if (found === undefined || !url.pathname.includes('/pool/')) return null;
    const namespace = /ubuntu/.test(url.host + url.pathname) ? 'ubuntu' : 'debian';
    return { type: 'deb', namespace, ...named(found), qualifiers: { arch: found['arch'] ?? '' } };
  },
  (url, file) => {
    const found = WHEEL.exec(file)?.groups;
    if (found !== undefined) return { type: 'pypi', ...named(found) };
    // Where an index of Python keeps its files; elsewhere a .tar.gz may be anything.
    const source = url.pathname.startsWith('/packages/') ? SDIST.exec(file)?.groups : undefined;
    return source === undefined ? null : { type: 'pypi', ...named(source) };
  },
  (url) => {
    const path = url.pathname.replace(/%2f/gi, '/');
    const found = /\/(?:(?<scope>@[^/]+)\/)?(?<name>[^/@]+)\/-\/\k<name>-(?<version>\d[^/]*)\.tgz$/.exec(path)?.groups;
    if (found === undefined) return null;
    return { type: 'npm', ...(found['scope'] !== undefined && { namespace: found['scope'] }), ...named(found) };
  },
  (url) => {
    const found = /^\/(?<module>.+)\/@v\/(?<version>v[^/]+)\.zip$/.exec(url.pathname)?.groups;
    if (found === undefined) return null;
    // A capital letter stands as `!` and the small one: https://go.dev/ref/mod#goproxy-protocol
    const plain = (text = ''): string =>
      text.replace(/!(?<letter>[a-z])/g, (_, letter: string) => letter.toUpperCase());
    const parts = plain(found['module']).split('/');
    const name = parts.pop() ?? '';
    return { type: 'golang', namespace: parts.join('/'), name, version: plain(found['version']) };
  },
  (url) => {
    const found =
      /\/crates\/(?<name>[A-Za-z0-9_-]+)\/(?:\k<name>-(?<version>\d[^/]*)\.crate|(?<api>\d[^/]*)\/download)$/.exec(
        url.pathname,
      )?.groups;
    if (found === undefined) return null;
    return { type: 'cargo', name: found['name'] ?? '', version: found['version'] ?? found['api'] ?? '' };
  },
  (url) => {
    const found = /\/src\/contrib\/(?:.*\/)?(?<name>[A-Za-z][A-Za-z0-9.]*)_(?<version>\d[^/_]*)\.tar\.gz$/.exec(
      url.pathname,
    )?.groups;
    return found === undefined ? null : { type: 'cran', ...named(found) };
  },
  (url) => {
    const found =
      /\/(?<channel>[^/]+)\/(?<subdir>noarch|(?:linux|osx|win)-[a-z0-9]+)\/(?<name>[^/]+)-(?<version>[^/-]+)-(?<build>[^/-]+)\.(?<kind>conda|tar\.bz2)$/.exec(
        url.pathname,
      )?.groups;
    if (found === undefined) return null;
    const { channel = '', subdir = '', build = '', kind = '' } = found;
    return { type: 'conda', ...named(found), qualifiers: { build, channel, subdir, type: kind } };
  },
  (url) => {
    const found =
      /\/maven2?\/(?<group>.+)\/(?<name>[^/]+)\/(?<version>[^/]+)\/\k<name>-\k<version>[^/]*\.(?:jar|aar|war)$/.exec(
        url.pathname,
      )?.groups;
    if (found === undefined) return null;
    return { type: 'maven', namespace: (found['group'] ?? '').replaceAll('/', '.'), ...named(found) };
  },
];

/**
 * The package that lies at an address; null for everything that is no package file.
 * @param version where an index says it more exactly than the address
 */
export function purlOfUrl(text: string, version?: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = decoded(new URL(text));
  const file = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
  for (const shape of SHAPES) {
    const parts = shape(url, file);
    if (parts !== null) return formatPurl({ ...parts, ...(version !== undefined && { version }) });
  }
  return null;
}

/**
 * What tells packages of a lock file and of an address apart: the qualifiers of some formats say what others leave out,
 * but two builds of one conda package are two packages.
 */
export function comparablePurl(purl: string): string {
  return purl.startsWith('pkg:conda/') ? purl.replace(/[?&](?!build=)[^&]*/g, '') : purl.replace(/[?#].*$/, '');
}

function named(found: Record<string, string>): { name: string; version: string } {
  return { name: found['name'] ?? '', version: found['version'] ?? '' };
}

/** `%2B` of a version is a plus sign; what cannot be decoded stays as it is. */
function decoded(url: URL): URL {
  const plain = url.pathname.replace(/%(?:2B|40|21|7E|3A)/gi, (escape) => decodeURIComponent(escape));
  const copy = new URL(url);
  copy.pathname = plain;
  return copy;
}
