import { redactUrl } from '../redact.js';
import { isSubdir } from '../conda-environment/match-spec.js';

/** A conda package file named by URL or path. */
export interface CondaPackageFile {
  readonly name: string;
  readonly version: string;
  readonly build: string;
  /** credentials removed; null for a bare file name */
  readonly channelUrl: string | null;
  /** the channel without its host, as conda prints it: `conda-forge`, `pkgs/main` */
  readonly channel: string | null;
  readonly subdir: string | null;
  readonly extension: 'conda' | 'tar.bz2';
  readonly hashes: readonly string[];
  readonly hadCredentials: boolean;
  readonly isLocal: boolean;
}

const FILE = /^(.+)\.(conda|tar\.bz2)$/;

/**
 * `[url/]name-version-build.(conda|tar.bz2)[#hash]`; names may hold dashes, versions and builds may not.
 * https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-specs.html
 *
 * @returns null when the text names no package file
 */
export function parsePackageUrl(text: string): CondaPackageFile | null {
  const hash = text.indexOf('#');
  const { url, hadCredentials } = redactUrl(hash === -1 ? text : text.slice(0, hash));
  const directory = url.slice(0, Math.max(url.lastIndexOf('/'), url.lastIndexOf('\\'), 0));
  const match = FILE.exec(decode(directory === '' ? url : url.slice(directory.length + 1)));
  const parts = splitTwiceFromRight(match?.[1] ?? '');
  const hashes = parseHash(hash === -1 ? '' : text.slice(hash + 1));
  if (parts === null || hashes === null) return null;
  const isLocal = !/^(?:https?|ftp|s3):\/\//i.test(url);
  const { channelUrl, subdir } = splitSubdir(directory);
  return {
    ...parts,
    channelUrl,
    channel: isLocal || channelUrl === null ? null : channelUrl.replace(/^[a-z0-9]+:\/\/[^/]*\/?/i, '') || null,
    subdir,
    extension: match?.[2] === 'conda' ? 'conda' : 'tar.bz2',
    hashes,
    hadCredentials,
    isLocal,
  };
}

function splitTwiceFromRight(stem: string): { name: string; version: string; build: string } | null {
  const last = stem.lastIndexOf('-');
  const first = stem.lastIndexOf('-', last - 1);
  if (first <= 0 || last <= first) return null;
  const name = stem.slice(0, first);
  const version = stem.slice(first + 1, last);
  const build = stem.slice(last + 1);
  if (version === '' || build === '' || /\s/.test(stem)) return null;
  return { name, version, build };
}

/** An empty list for no hash; null for text that is none. */
function parseHash(text: string): string[] | null {
  if (text === '') return [];
  const match = /^(?:(md5|sha256):)?([0-9a-fA-F]+)$/.exec(text);
  const hex = match?.[2]?.toLowerCase();
  if (hex === undefined) return null;
  if (hex.length === 32 && match?.[1] !== 'sha256') return [`md5:${hex}`];
  if (hex.length === 64 && match?.[1] !== 'md5') return [`sha256:${hex}`];
  return null;
}

function splitSubdir(directory: string): { channelUrl: string | null; subdir: string | null } {
  if (directory === '') return { channelUrl: null, subdir: null };
  const slash = Math.max(directory.lastIndexOf('/'), directory.lastIndexOf('\\'));
  const last = directory.slice(slash + 1);
  if (!isSubdir(last)) return { channelUrl: directory, subdir: null };
  return { channelUrl: directory.slice(0, Math.max(slash, 0)), subdir: last };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
