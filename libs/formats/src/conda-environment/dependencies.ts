import type { EnvironmentSpec, SkipReason, SpecPackage, Standing } from '@envarium/schema';
import { parsePackageUrl } from '../conda-explicit/package-url.js';
import { formatPurl, normalizePypiName } from '../purl.js';
import { redactUrl } from '../redact.js';
import { specPackage } from '../spec.js';
import { parseMatchSpec, type MatchSpec } from './match-spec.js';
import { noteRuntime } from './runtimes.js';

/** One entry of a list in the file. */
export interface ListEntry {
  readonly text: string;
  readonly line: number | null;
  /** `# [linux]` behind the entry */
  readonly selector: string | null;
}

/**
 * Whether the conda part is what `conda env export` writes: every entry name=version=build. A hand does not write builds
 * for all.
 */
export function isExport(entries: readonly ListEntry[]): boolean {
  return entries.length > 0 && entries.every(({ text }) => (parseMatchSpec(text)?.build ?? null) !== null);
}

/** Adds what the conda part of `dependencies` says. */
export function readCondaDependencies(entries: readonly ListEntry[], spec: EnvironmentSpec, pinned: Standing): void {
  for (const entry of entries) {
    const { text, line } = entry;
    if (/\.(?:conda|tar\.bz2)(?:#|$)/.test(text)) {
      readPackageFile(entry, spec, pinned);
      continue;
    }
    const match = parseMatchSpec(text);
    if (match === null) {
      spec.problems.push({ reason: 'name-invalid', message: 'The entry names no package.', line });
      continue;
    }
    if (match.channel !== null) noteCredentials(match.channel, line, spec);
    spec.packages.push(presentMatch(match, entry, pinned));
    const specifier = match.version === null ? match.specifier : null;
    noteRuntime(spec, match.name, { version: match.version, specifier, line });
  }
}

/** A package as a match specification says it. */
export function presentMatch(match: MatchSpec, { line, selector }: ListEntry, pinned: Standing): SpecPackage {
  const { name, version, build, specifier } = match;
  const standing = version === null ? 'declared' : pinned;
  const channel = match.channel === null ? null : redactUrl(match.channel).url;
  // Spread last: V8 takes four times as long for an object that begins with it.
  const shared = { name, version, specifier, standing, marker: selector, line, skipReason: skipReason(match) };
  // conda lists what pip has installed with this channel or build; the package is none of conda's.
  if (channel === 'pypi' || build === 'pypi_0') {
    const parts = { type: 'pypi', name, ...(version === null ? {} : { version }) };
    return specPackage({
      ecosystem: 'pypi',
      normalizedName: normalizePypiName(name),
      purl: formatPurl(parts),
      ...shared,
    });
  }
  const qualifiers = { build: build ?? '', channel: channel ?? '', subdir: match.subdir ?? '' };
  return specPackage({
    ecosystem: 'conda',
    normalizedName: name.toLowerCase(),
    build,
    purl: formatPurl({ type: 'conda', name: name.toLowerCase(), ...(version === null ? {} : { version }), qualifiers }),
    source: channel,
    ...shared,
  });
}

function skipReason({ version, specifier }: MatchSpec): SkipReason | null {
  if (version !== null) return null;
  if (specifier === null) return 'no-version';
  return /\$\{|\{\{/.test(specifier) ? 'dynamic-value' : 'version-range';
}

function readPackageFile({ text, line, selector }: ListEntry, spec: EnvironmentSpec, pinned: Standing): void {
  const file = parsePackageUrl(text.slice(text.lastIndexOf('::') + 1).replace(/^:/, ''));
  if (file === null) {
    spec.problems.push({ reason: 'name-invalid', message: 'The entry names no package.', line });
    return;
  }
  const { name, version, build, channelUrl } = file;
  if (file.hadCredentials) spec.secrets.push({ kind: 'url-credentials', line });
  const qualifiers = { build, channel: file.channel ?? '', subdir: file.subdir ?? '', type: file.extension };
  spec.packages.push(
    specPackage({
      ecosystem: 'conda',
      name,
      normalizedName: name.toLowerCase(),
      version,
      build,
      standing: pinned,
      purl: formatPurl({ type: 'conda', name: name.toLowerCase(), version, qualifiers }),
      hashes: [...file.hashes],
      source: channelUrl,
      marker: selector,
      line,
      skipReason: file.isLocal ? 'local-path' : 'url-source',
    }),
  );
}

/** Reports a secret in a channel or index, and gives the text back without it. */
export function noteCredentials(url: string, line: number | null, spec: EnvironmentSpec): string {
  const redacted = redactUrl(url);
  if (redacted.hadCredentials) spec.secrets.push({ kind: url.includes('/t/') ? 'token' : 'url-credentials', line });
  return redacted.url;
}
