import { PackageURL } from 'packageurl-js';

export interface PurlParts {
  readonly type: string;
  readonly namespace?: string;
  readonly name: string;
  readonly version?: string;
  readonly qualifiers?: Readonly<Record<string, string>>;
  readonly subpath?: string;
}

/** https://github.com/package-url/purl-spec/tree/main/types; packageurl-js checks only some of them. */
const NAMESPACE_REQUIRED: ReadonlySet<string> = new Set(['bitbucket', 'deb', 'github', 'golang']);
const NAMESPACE_PROHIBITED: ReadonlySet<string> = new Set(['cargo', 'conda', 'cran', 'julia', 'oci', 'pypi']);

/**
 * The canonical package URL, or null when the parts do not make a valid one; never throws. packageurl-js checks and
 * normalizes the parts; the string is put together here, because that library (2.0.1) leaves `+` unescaped in versions,
 * escapes `:` in qualifiers, normalizes pypi names only half and golang names not at all. A purl is an identity: its
 * spelling follows the specification of 2026-08 (https://github.com/package-url/purl-spec) and must not follow a
 * library's release.
 */
export function formatPurl(parts: PurlParts): string | null {
  const isGo = parts.type === 'golang';
  if (!parts.namespace ? NAMESPACE_REQUIRED.has(parts.type) : NAMESPACE_PROHIBITED.has(parts.type)) return null;
  const name = parts.type === 'pypi' ? normalizePypiName(parts.name) : isGo ? parts.name.toLowerCase() : parts.name;
  // Julia packages may share a name; only the UUID tells them apart.
  if (parts.type === 'julia' && parts.qualifiers?.['uuid'] === undefined) return null;
  try {
    const purl = new PackageURL(
      parts.type,
      isGo ? parts.namespace?.toLowerCase() : parts.namespace,
      name,
      parts.version,
      definedOnly(parts.qualifiers),
      parts.subpath,
    );
    return serialize(purl);
  } catch {
    // The library throws on parts that are not valid, and encodeURIComponent on lone surrogates.
    return null;
  }
}

/** PEP 503: the spelling under which the Python ecosystem compares names. */
export function normalizePypiName(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}

function serialize(purl: PackageURL): string {
  const namespace = purl.namespace ? `${encodeSegments(purl.namespace)}/` : '';
  const version = purl.version ? `@${encode(purl.version)}` : '';
  const qualifiers = Object.entries(purl.qualifiers ?? {})
    .filter(([, value]) => value !== '')
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${encode(value)}`)
    .join('&');
  const query = qualifiers === '' ? '' : `?${qualifiers}`;
  const subpath = purl.subpath ? `#${encodeSegments(purl.subpath)}` : '';
  return `pkg:${purl.type}/${namespace}${encode(purl.name)}${version}${query}${subpath}`;
}

/** Everything but letters, digits, `.-_~` and `:` is escaped (purl specification, "Character encoding"). */
function encode(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%3A', ':');
}

function encodeSegments(path: string): string {
  return path.split('/').map(encode).join('/');
}

function definedOnly(qualifiers: PurlParts['qualifiers']): Record<string, string> | undefined {
  if (qualifiers === undefined) return undefined;
  return Object.fromEntries(Object.entries(qualifiers).filter(([, value]) => value !== ''));
}
