import type { EnvironmentManifest, LockFault, LockOffender, ManifestPackage } from '@envarium/schema';
import { fileHashes } from '../file-hashes.js';
import { type LockResult, offenderOf, refuseLock } from '../lock/lock-result.js';
import { chooseSource, isRefusal, lockSources, type LockSource } from '../lock/lock-sources.js';
import { ambiguityOf, listedPlatforms, type LockQuestion, narrowSources } from '../lock/placement.js';

export const PIP_MEDIA_TYPE = 'text/plain; charset=utf-8';

/** https://packaging.python.org/en/latest/specifications/name-normalization/ */
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const VERSION = /^[A-Za-z0-9][A-Za-z0-9.!+_-]*$/;
const MARKER = /^[\w.'"()<>=!~, \t*+-]+$/;
const ADDRESS = /^https?:\/\/[^\s\\#]+$/;
const ARCHIVE = /\.(?:whl|zip|tgz|tar\.(?:gz|bz2|xz))$/i;
/** What pip takes for `--require-hashes`: https://pip.pypa.io/en/stable/topics/secure-installs/ */
const STRONG: ReadonlySet<string> = new Set(['sha256', 'sha384', 'sha512']);

interface Line {
  readonly each: ManifestPackage;
  readonly text: string;
}

/**
 * A requirements file for `pip install --require-hashes`, from a file that fixes every package and its bytes.
 * @see https://pip.pypa.io/en/stable/reference/requirements-file-format/
 */
export function serializePipRequirements(
  manifest: EnvironmentManifest,
  asked: LockQuestion = {},
  multiple: readonly string[] = [],
): LockResult {
  const sources = lockSources(manifest, 'pypi')
    .map((source) => ({ ...source, packages: source.packages.filter(isForeign) }))
    .filter(({ packages }) => packages.length > 0);
  const narrowed = narrowSources(sources, asked, multiple);
  if (isRefusal(narrowed)) return narrowed;
  const judged = narrowed.map((source) => ({ source, offenders: offendersOf(source) }));
  const chosen = chooseSource(judged, asked.file);
  if (isRefusal(chosen)) return chosen;
  const ambiguity = ambiguityOf(chosen, asked, multiple);
  if (ambiguity !== null) return ambiguity;
  const conflicting = conflicts(chosen.packages);
  if (conflicting.length > 0) {
    const offenders = conflicting.map((each) => offenderOf(each, chosen.file, 'several-versions'));
    return refuseLock('not-exact', { offenders });
  }
  const lines = [...new Set(chosen.packages.map((each) => lineOf(each)))].toSorted();
  const text = [
    `# From ${JSON.stringify(chosen.file)}. Install: pip install --require-hashes --no-deps -r FILE`,
    ...indexLines(chosen.packages),
    ...lines,
  ];
  return { outcome: 'written', bytes: Buffer.from(`${text.join('\n')}\n`), file: chosen.file };
}

/** The project that a lock file belongs to stands in its own list. */
function isForeign({ skipReason, source }: ManifestPackage): boolean {
  return !(skipReason === 'local-path' && (source === '.' || source === './'));
}

function offendersOf({ file, packages, unread }: LockSource): LockOffender[] {
  const faulty = packages.flatMap((each) => {
    const fault = faultOf(each);
    return fault === null ? [] : [offenderOf(each, file, fault)];
  });
  return [...unread, ...faulty];
}

function faultOf(each: ManifestPackage): LockFault | null {
  const { skipReason, version, marker, source } = each;
  if (skipReason === 'local-path') return 'local-path';
  if (skipReason === 'vcs-source') return 'no-hash';
  const isArchive = isArchiveAddress(source);
  if (version === null && !isArchive) return 'no-version';
  if (!NAME.test(each.name) || (version !== null && !VERSION.test(version))) return 'name-or-version-invalid';
  if (skipReason !== null && skipReason !== 'url-source') return 'name-or-version-invalid';
  if (skipReason === 'url-source' && !isArchive) return 'no-address';
  if (marker !== null && listedPlatforms(marker) === null && !MARKER.test(marker)) return 'name-or-version-invalid';
  const hashes = fileHashes(each.hashes);
  if (hashes.length === 0) return 'no-hash';
  return hashes.some(({ algorithm }) => STRONG.has(algorithm)) ? null : 'weak-hash';
}

/** pip refuses a name that stands twice, unless markers tell the two apart. */
function conflicts(packages: readonly ManifestPackage[]): ManifestPackage[] {
  const byName = new Map<string, Line[]>();
  for (const each of packages) {
    const lines = byName.get(each.normalizedName) ?? [];
    const text = lineOf(each);
    if (!lines.some((line) => line.text === text)) lines.push({ each, text });
    byName.set(each.normalizedName, lines);
  }
  return [...byName.values()].flatMap((lines) => {
    const markers = new Set(lines.map(({ each }) => conditionOf(each)));
    const areApart = lines.length === 1 || (markers.size === lines.length && !markers.has(null));
    return areApart ? [] : lines.map(({ each }) => each);
  });
}

function lineOf(each: ManifestPackage): string {
  const { name, version, source } = each;
  const marker = conditionOf(each);
  const requirement = isArchiveAddress(source) ? `${name} @ ${source}` : `${name}==${version}`;
  // A URL ends at a blank: a semicolon may be part of it.
  const condition = marker === null ? '' : ` ; ${marker}`;
  const hashes = fileHashes(each.hashes)
    .filter(({ algorithm }) => STRONG.has(algorithm))
    .map(({ algorithm, hex }) => ` --hash=${algorithm}:${hex}`)
    .toSorted();
  return `${requirement}${condition}${hashes.map((hash) => ` \\\n   ${hash}`).join('')}`;
}

/** A platform was chosen already; pip would not know the word. */
function conditionOf({ marker }: ManifestPackage): string | null {
  return listedPlatforms(marker) === null ? marker : null;
}

function isArchiveAddress(source: string | null): source is string {
  return source !== null && ADDRESS.test(source) && ARCHIVE.test(source);
}

/** With hashes an index cannot give anything else than what was locked, so several of them do no harm. */
function indexLines(packages: readonly ManifestPackage[]): string[] {
  const fromIndex = packages.filter(({ source }) => !isArchiveAddress(source));
  const indexes = new Set(fromIndex.flatMap(({ source }) => (source !== null && ADDRESS.test(source) ? [source] : [])));
  const [only, ...others] = [...indexes].toSorted();
  if (only === undefined) return [];
  const isOnly = others.length === 0 && fromIndex.every(({ source }) => source === only);
  return isOnly ? [`--index-url ${only}`] : [only, ...others].map((index) => `--extra-index-url ${index}`);
}
