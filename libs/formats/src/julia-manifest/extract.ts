import type { EnvironmentSpec, SkipReason, SpecPackage } from '@envarium/schema';
import type { z } from 'zod';
import { FormatError } from '../format.js';
import { redactUrl } from '../redact.js';
import { emptySpec, specPackage } from '../spec.js';
import { parseToml, tableOf, type TomlDocument, type TomlTable } from '../toml.js';
import { isUuid, juliaPurl, repositorySource } from './julia-package.js';
import { ManifestEntry, ManifestHeader } from './schema.js';

export const FILE_NAME = /(?:^|\/)(?:Julia)?Manifest(?:-v\d+(?:\.\d+)*)?\.toml$/;

const FORMAT = /^[ \t]*manifest_format[ \t]*=/m;
const LIST = /^[ \t]*\[\[[^\]\n]+\]\]/m;
const UUID_KEY = /^[ \t]*uuid[ \t]*=/m;
/** The first line that Pkg writes, which may be all of it. */
const GENERATED = /^# This file is machine-generated/;
const KNOWN_FORMATS: readonly string[] = ['1.0', '2.0', '2.1'];
const TREE = /^[0-9a-f]{40}$/;
/** https://docs.julialang.org/en/v1/manual/strings/#man-version-number-literals */
const VERSION = /^v?\d+(?:\.\d+){0,2}(?:[-+A-Za-z][0-9A-Za-z.+-]*)?$/;

interface Located {
  readonly name: string;
  readonly entry: ManifestEntry;
  readonly line: number | null;
}

/** Reads a Julia Manifest, format 1.0 to 2.1 (https://pkgdocs.julialang.org/v1/toml-files/#Manifest.toml). */
export function extract(content: string, path: string): EnvironmentSpec | null {
  const isMarked = FORMAT.test(content) || (LIST.test(content) && UUID_KEY.test(content));
  const isEmpty = FILE_NAME.test(path) && GENERATED.test(content);
  if (!isMarked && !isEmpty) return null;
  const document = parseOwn(content, isEmpty || FORMAT.test(content) || FILE_NAME.test(path));
  if (document === null) return null;
  const header = ManifestHeader.parse(document.root);
  const lists = header.manifest_format === undefined ? listsAtTop(document) : listsBelow(document);
  if (!isManifest(lists, header.manifest_format) && !isEmpty) return null;

  const spec = emptySpec('julia-manifest', 'language');
  readHeader(document, header, spec);
  const seen = new Set<string>();
  for (const located of locatedEntries(document, lists, spec)) {
    readEntry(located, header.julia_version ?? null, spec);
    noteRepeat(located, seen, spec);
  }
  return spec;
}

function parseOwn(content: string, isCertain: boolean): TomlDocument | null {
  try {
    return parseToml(content, 3);
  } catch (error) {
    if (error instanceof FormatError && !isCertain) return null;
    throw error;
  }
}

interface Lists {
  /** keys that lead to the lists */
  readonly above: readonly string[];
  readonly byName: TomlTable;
}

/** Format 1.0 has no header: each key is a package. */
function listsAtTop({ root }: TomlDocument): Lists {
  const deps = tableOf(root['deps']);
  // Formats from 2.0 on put all packages below `deps`, which no package is called.
  if (deps !== null) return { above: ['deps'], byName: deps };
  return { above: [], byName: Object.fromEntries(Object.entries(root).filter(([, value]) => Array.isArray(value))) };
}

function listsBelow({ root }: TomlDocument): Lists {
  return { above: ['deps'], byName: tableOf(root['deps']) ?? {} };
}

/** Other TOML has arrays of tables too: a package has a UUID. */
function isManifest({ byName }: Lists, format: string | undefined): boolean {
  if (format !== undefined) return true;
  const lists = Object.values(byName);
  return lists.length > 0 && lists.every((list) => Array.isArray(list) && isUuid(tableOf(list[0])?.['uuid']));
}

function readHeader(document: TomlDocument, header: z.infer<typeof ManifestHeader>, spec: EnvironmentSpec): void {
  const { manifest_format: format, julia_version: version } = header;
  if (version !== undefined) {
    spec.runtimes.push({ name: 'julia', version, specifier: null, line: document.lineOf('julia_version') });
  }
  if (format !== undefined && !KNOWN_FORMATS.includes(format)) {
    const message = `Format ${format.slice(0, 20)} of Julia's Manifest is not known; it was read like 2.1.`;
    spec.problems.push({ reason: 'unsupported-option', message, line: document.lineOf('manifest_format') });
  }
  for (const [name, registry] of Object.entries(tableOf(document.root['registries']) ?? {})) {
    const url = tableOf(registry)?.['url'];
    if (typeof url !== 'string') continue;
    spec.sources.push(withoutSecrets(url, document.lineOf('registries', name), spec));
  }
}

function* locatedEntries(document: TomlDocument, { above, byName }: Lists, spec: EnvironmentSpec): Generator<Located> {
  for (const [name, list] of Object.entries(byName)) {
    const entries: readonly unknown[] = Array.isArray(list) ? list : [list];
    for (const [index, value] of entries.entries()) {
      const line = document.lineOf(...above, name, index) ?? document.lineOf(...above, name);
      const table = Array.isArray(list) ? tableOf(value) : null;
      if (table !== null) {
        yield { name, entry: ManifestEntry.parse(table), line };
        continue;
      }
      const message = `${name.slice(0, 80)} is no list of packages.`;
      spec.problems.push({ reason: 'syntax-invalid', message, line });
    }
  }
}

function readEntry({ name, entry, line }: Located, julia: string | null, spec: EnvironmentSpec): void {
  const tree = entry['git-tree-sha1'];
  if (!isUuid(entry.uuid)) {
    spec.problems.push({ reason: 'syntax-invalid', message: `${name.slice(0, 80)} has no valid uuid.`, line });
  }
  if (tree !== undefined && !TREE.test(tree)) {
    const message = `The git-tree-sha1 of ${name.slice(0, 80)} is not 40 hex digits.`;
    spec.problems.push({ reason: 'syntax-invalid', message, line });
  }
  spec.packages.push(present({ name, entry, line }, julia, spec));
}

function present({ name, entry, line }: Located, julia: string | null, spec: EnvironmentSpec): SpecPackage {
  const { version, specifier, doubt } = versionOf(entry.version);
  const tree = TREE.test(entry['git-tree-sha1'] ?? '') ? (entry['git-tree-sha1'] ?? null) : null;
  const written = entry['repo-url'] ?? null;
  const url = written === null ? null : withoutSecrets(written, line, spec);
  const isLocal = entry.path !== undefined || (url !== null && !/^(?:[a-z+]+:\/\/|[\w.-]+@)/i.test(url));
  // What has neither a tree nor a place comes with Julia itself.
  const isStandard = entry['git-tree-sha1'] === undefined && url === null && entry.path === undefined;
  const revision = entry['repo-rev'] ?? null;
  const place = isLocal && url === null ? (entry.path ?? null) : url;
  const vcsUrl = url === null || isLocal ? null : `git+${url}${revision === null ? '' : `@${revision}`}`;
  const isFixed = version !== null || tree !== null || (isStandard && julia !== null);
  return specPackage({
    ecosystem: 'julia',
    name,
    version,
    specifier,
    standing: isFixed ? 'locked' : 'declared',
    purl: isLocal ? null : juliaPurl(name, entry.uuid, version, vcsUrl),
    source: isStandard
      ? julia && `julia ${julia}`
      : entry.path === undefined
        ? repositorySource(place, revision, entry['repo-subdir'] ?? null, tree)
        : entry.path,
    line,
    skipReason: isLocal ? 'local-path' : url === null ? doubt : 'vcs-source',
  });
}

function versionOf(written: unknown): { version: string | null; specifier: string | null; doubt: SkipReason | null } {
  if (written === undefined) return { version: null, specifier: null, doubt: 'no-version' };
  if (typeof written !== 'string') return { version: null, specifier: null, doubt: 'version-invalid' };
  if (VERSION.test(written)) return { version: written, specifier: null, doubt: null };
  return { version: null, specifier: written, doubt: 'version-invalid' };
}

function noteRepeat({ name, entry, line }: Located, seen: Set<string>, spec: EnvironmentSpec): void {
  const uuid = entry.uuid?.toLowerCase();
  if (uuid === undefined) return;
  if (seen.has(uuid)) {
    const message = `Another package has the UUID of ${name.slice(0, 80)}.`;
    spec.problems.push({ reason: 'duplicate-entry', message, line });
  }
  seen.add(uuid);
}

function withoutSecrets(written: string, line: number | null, spec: EnvironmentSpec): string {
  const { url, hadCredentials } = redactUrl(written);
  if (hadCredentials) spec.secrets.push({ kind: 'url-credentials', line });
  return url;
}
