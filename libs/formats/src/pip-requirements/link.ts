import { redactUrl } from '../redact.js';

/** A place that a requirement comes from: an archive, a directory, a version-control repository. */
export interface Link {
  /** without fragment and credentials */
  readonly url: string;
  readonly hadCredentials: boolean;
  readonly kind: 'url' | 'vcs' | 'local';
  /** `#egg=`: the requirement that the link says to be, as written */
  readonly egg: string | null;
  readonly subdirectory: string | null;
  readonly hashes: readonly string[];
  readonly wheel: { readonly name: string; readonly version: string } | null;
  /** whether the same link always gives the same bytes: a commit or a hash stands in it */
  readonly isFixed: boolean;
}

const VCS = /^(?:git|hg|svn|bzr)(?:\+[a-z-]+)?:/i;
const WEB = /^(?:https?|ftp):/i;
const LOCAL = /^file:/i;
const HASH = /^(?:md5|sha1|sha224|sha256|sha384|sha512)$/;
const ARCHIVE = /\.(?:whl|zip|tar|tgz|tbz|txz|tlz|tar\.(?:gz|bz2|xz|lz|lzma))$/i;

/** Whether pip reads the text as a URL. `git://` alone is one only in an editable requirement. */
export function isUrl(text: string): boolean {
  return (VCS.test(text) && text.includes('+')) || WEB.test(text) || LOCAL.test(text);
}

export function isVcsUrl(text: string): boolean {
  return VCS.test(text);
}

/** Whether pip reads the text as the path of an archive, present or not. `name @ path` is a requirement. */
export function isArchivePath(text: string): boolean {
  if (!ARCHIVE.test(text)) return false;
  const at = text.indexOf('@');
  return at === -1 || looksLikePath(text.slice(0, at));
}

function looksLikePath(text: string): boolean {
  return text.startsWith('.') || text.includes('/') || text.includes('\\');
}

/** https://pip.pypa.io/en/stable/topics/vcs-support/#url-fragments */
export function parseLink(text: string): Link {
  const [address = '', ...fragments] = text.split('#');
  const parameters = new Map(
    fragments
      .join('#')
      .split('&')
      .map((part): [string, string] => {
        const equals = part.indexOf('=');
        return equals === -1 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
      }),
  );
  const { url, hadCredentials } = redactUrl(address);
  const kind = VCS.test(text) ? 'vcs' : WEB.test(text) ? 'url' : 'local';
  const hashes = [...parameters]
    .filter(([name, value]) => HASH.test(name) && /^[0-9a-fA-F]+$/.test(value))
    .map(([name, value]) => `${name}:${value.toLowerCase()}`);
  return {
    url,
    hadCredentials,
    kind,
    egg: parameters.get('egg') || null,
    subdirectory: parameters.get('subdirectory') || null,
    hashes,
    wheel: kind === 'vcs' ? null : parseWheelName(address),
    isFixed: kind === 'vcs' ? /@[0-9a-f]{40}$/.test(url) : hashes.length > 0,
  };
}

/** https://packaging.python.org/en/latest/specifications/binary-distribution-format/#file-name-convention */
function parseWheelName(address: string): Link['wheel'] {
  const path = address.split('?', 1)[0] ?? '';
  const fileName = decodePercent(path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1));
  if (!fileName.endsWith('.whl')) return null;
  const parts = fileName.slice(0, -'.whl'.length).split('-');
  const [name, version] = parts;
  if (parts.length < 5 || parts.length > 6 || !name || !version) return null;
  return { name: name.replaceAll('_', '-'), version: version.replaceAll('_', '-') };
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
