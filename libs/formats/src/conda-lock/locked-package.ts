import type { EnvironmentSpec, SkipReason, SpecPackage } from '@envarium/schema';
import { parsePackageUrl, type CondaPackageFile } from '../conda-explicit/package-url.js';
import { isVcsUrl } from '../pip-requirements/link.js';
import { formatPurl, normalizePypiName } from '../purl.js';
import { redactUrl } from '../redact.js';
import { specPackage } from '../spec.js';
import { textAt, type YamlNode } from '../yaml-tree.js';

/** What an entry of conda-lock.yml or pixi.lock says in the same words. */
export interface LockedEntry {
  readonly name: string | null;
  readonly version: string | null;
  readonly build: string | null;
  readonly subdir: string | null;
  /** URL or path of the package, as written */
  readonly location: string | null;
  readonly hashes: readonly string[];
  readonly line: number;
}

/**
 * A package that conda installs: the file's name tells what the entry leaves out.
 * @returns null when nothing names the package; a problem says so
 */
export function condaPackage(entry: LockedEntry, spec: EnvironmentSpec): SpecPackage | null {
  const { location, line } = entry;
  const file = parsePackageUrl(location ?? '');
  const name = entry.name ?? file?.name ?? null;
  if (name === null) {
    spec.problems.push({ reason: 'name-invalid', message: 'The entry names no conda package.', line });
    return null;
  }
  const place = redactUrl(location ?? '');
  if (place.hadCredentials) spec.secrets.push({ kind: location?.includes('/t/') ? 'token' : 'url-credentials', line });
  const { version, specifier } = fixedVersion(entry.version ?? file?.version ?? null);
  const build = entry.build ?? file?.build ?? null;
  if (file !== null && (file.name !== name || file.version !== version)) {
    const message = `The entry says ${name} ${version ?? '?'}, its file is ${file.name} ${file.version}.`;
    spec.problems.push({ reason: 'version-invalid', message, line });
  }
  // What pixi builds from source is in no channel.
  const isBuilt = file === null && location !== null;
  return specPackage({
    ecosystem: 'conda',
    name,
    normalizedName: name.toLowerCase(),
    version,
    specifier,
    build,
    standing: version === null ? 'declared' : 'locked',
    purl: isBuilt ? null : condaPurl(name, version, build, file?.subdir ?? entry.subdir, file),
    hashes: [...entry.hashes],
    source: file === null ? place.url || null : file.channelUrl,
    line,
    skipReason: doubtOf(file, location) ?? versionDoubt(version, specifier),
  });
}

function condaPurl(
  name: string,
  version: string | null,
  build: string | null,
  subdir: string | null,
  file: CondaPackageFile | null,
): string | null {
  return formatPurl({
    type: 'conda',
    name: name.toLowerCase(),
    ...(version === null ? {} : { version }),
    qualifiers: {
      build: build ?? '',
      channel: file?.channel ?? '',
      subdir: subdir ?? '',
      type: file?.extension ?? '',
    },
  });
}

function doubtOf(file: CondaPackageFile | null, location: string | null): SkipReason | null {
  if (file?.isLocal) return 'local-path';
  return file === null && location !== null ? (sourceReason(location) ?? 'url-source') : null;
}

/** Lock files fix versions. What a hand has written in the place of one may be a range, which is none. */
export function fixedVersion(written: string | null): { version: string | null; specifier: string | null } {
  if (written === null || /^[0-9A-Za-z_.!+-]+$/.test(written)) return { version: written, specifier: null };
  return { version: null, specifier: written };
}

function versionDoubt(version: string | null, specifier: string | null): SkipReason | null {
  if (version !== null) return null;
  return specifier === null ? 'no-version' : 'version-range';
}

/** A package that pip or uv installs. `isDirect`: it comes from that URL, and from no index. */
export function pypiPackage(entry: LockedEntry, isDirect: boolean, spec: EnvironmentSpec): SpecPackage | null {
  const { name, line } = entry;
  const { version, specifier } = fixedVersion(entry.version);
  if (name === null) {
    spec.problems.push({ reason: 'name-invalid', message: 'The entry names no Python package.', line });
    return null;
  }
  const written = (entry.location ?? '').replace(/^direct\+/, '');
  const place = redactUrl(written);
  if (place.hadCredentials) spec.secrets.push({ kind: 'url-credentials', line });
  const kind = written === '' ? null : sourceReason(written);
  const skipReason = kind ?? (isDirect || written !== (entry.location ?? '') ? 'url-source' : null);
  const parts = { type: 'pypi', name, ...(version === null ? {} : { version }) };
  const key = skipReason === 'vcs-source' ? 'vcs_url' : 'download_url';
  const qualifiers = skipReason === null ? {} : { [key]: skipReason === 'vcs-source' ? vcsUrl(place.url) : place.url };
  return specPackage({
    ecosystem: 'pypi',
    name,
    normalizedName: normalizePypiName(name),
    version,
    specifier,
    standing: version === null && entry.hashes.length === 0 ? 'declared' : 'locked',
    purl: skipReason === 'local-path' ? null : formatPurl({ ...parts, qualifiers }),
    hashes: [...entry.hashes],
    source: place.url || null,
    line,
    skipReason: skipReason ?? versionDoubt(version, specifier),
  });
}

/** null for a file that a web server gives. */
export function sourceReason(location: string): SkipReason | null {
  if (isVcsUrl(location)) return 'vcs-source';
  return /^(?:https?|ftp|s3|oci):\/\//i.test(location) ? null : 'local-path';
}

/** `git+https://host/x.git?tag=v1#commit`: a vcs_url fixes the commit after `@`, as pip writes it. */
function vcsUrl(url: string): string {
  const hash = url.indexOf('#');
  const commit = hash === -1 ? '' : url.slice(hash + 1);
  const address = (hash === -1 ? url : url.slice(0, hash)).replace(/\?.*$/, '');
  return /^[0-9a-f]{7,64}$/.test(commit) ? `${address}@${commit}` : url;
}

const HEX_DIGITS = { md5: 32, sha256: 64 } as const;

/** `md5` and `sha256` of a mapping; a text that is no digest becomes a problem. */
export function hashesAt(node: YamlNode | null, line: number, spec: EnvironmentSpec): string[] {
  const hashes: string[] = [];
  for (const algorithm of ['md5', 'sha256'] as const) {
    const hex = textAt(node, algorithm)?.toLowerCase() ?? null;
    if (hex === null) continue;
    if (hex.length === HEX_DIGITS[algorithm] && /^[0-9a-f]+$/.test(hex)) {
      hashes.push(`${algorithm}:${hex}`);
      continue;
    }
    const message = `The ${algorithm} is not ${HEX_DIGITS[algorithm]} hex digits.`;
    spec.problems.push({ reason: 'syntax-invalid', message, line });
  }
  return hashes;
}
