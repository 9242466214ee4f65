import type { EnvironmentSpec, SpecPackage } from '@envarium/schema';
import { noteRuntime } from '../conda-environment/runtimes.js';
import { FormatError } from '../format.js';
import { redactUrl } from '../redact.js';
import { emptySpec } from '../spec.js';
import { entriesAt, itemsAt, readYamlTree, textAt, valueAt, type YamlNode } from '../yaml-tree.js';
import { condaPackage, hashesAt, pypiPackage, type LockedEntry } from './locked-package.js';

export const FILE_NAME = /(?:^|[-._/])conda-lock\.ya?ml$/i;

const PACKAGES = /^package:/m;
const METADATA = /^metadata:/m;
/** conda-lock writes 1; 2 and 3 are what pixi wrote in this shape before its own. */
const KNOWN_VERSIONS: readonly string[] = ['1', '2', '3'];

/** Reads conda-lock.yml: one list of packages, each for one platform (https://conda.github.io/conda-lock/output/). */
export function extract(content: string, path: string): EnvironmentSpec | null {
  if (!PACKAGES.test(content) || !METADATA.test(content)) return null;
  const root = readOwn(content, path);
  const list = valueAt(root, 'package');
  const metadata = valueAt(root, 'metadata');
  if (root === null || list?.kind !== 'sequence' || metadata?.kind !== 'mapping') return null;

  const spec = emptySpec('conda-lock', 'language');
  noteVersion(root, spec);
  readMetadata(metadata, spec);
  for (const item of list.items) {
    const found = readEntry(item, spec);
    if (found === null) continue;
    spec.packages.push(found);
    if (found.ecosystem === 'conda') noteRuntime(spec, found.name, found);
  }
  return spec;
}

function readOwn(content: string, path: string): YamlNode | null {
  try {
    return readYamlTree(content);
  } catch (error) {
    const isOurs = FILE_NAME.test(path) || /^[- ] manager:/m.test(content);
    if (error instanceof FormatError && !isOurs) return null;
    throw error;
  }
}

function noteVersion(root: YamlNode, spec: EnvironmentSpec): void {
  const version = textAt(root, 'version');
  if (version === null || KNOWN_VERSIONS.includes(version)) return;
  const line = valueAt(root, 'version')?.line ?? null;
  const message = `Version ${version.slice(0, 20)} of conda-lock.yml is not known; it was read like 1.`;
  spec.problems.push({ reason: 'unsupported-option', message, line });
}

function readMetadata(metadata: YamlNode, spec: EnvironmentSpec): void {
  for (const channel of itemsAt(metadata, 'channels')) {
    const written = channel.kind === 'scalar' ? channel.text : textAt(channel, 'url');
    if (written === null || written === '') continue;
    const { url, hadCredentials } = redactUrl(written);
    if (hadCredentials) {
      spec.secrets.push({ kind: written.includes('/t/') ? 'token' : 'url-credentials', line: channel.line });
    }
    spec.sources.push(url);
  }
  spec.sources = [...new Set(spec.sources)];
  for (const source of itemsAt(metadata, 'sources')) {
    if (source.kind === 'scalar' && source.text !== '') spec.references.push(redactUrl(source.text).url);
  }
}

function readEntry(item: YamlNode, spec: EnvironmentSpec): SpecPackage | null {
  const { line } = item;
  if (item.kind !== 'mapping') {
    spec.problems.push({ reason: 'syntax-invalid', message: 'The entry is no mapping.', line });
    return null;
  }
  const platform = textAt(item, 'platform');
  const found = readPackage(item, spec);
  if (found === null) return null;
  return { ...found, marker: platform === null ? null : `platform=${platform}`, group: groupOf(item) };
}

function readPackage(item: YamlNode, spec: EnvironmentSpec): SpecPackage | null {
  const { line } = item;
  const manager = textAt(item, 'manager') ?? 'conda';
  const entry: LockedEntry = {
    name: textAt(item, 'name'),
    version: textAt(item, 'version'),
    build: textAt(item, 'build'),
    subdir: textAt(item, 'subdir'),
    location: textAt(item, 'url'),
    hashes: hashesAt(valueAt(item, 'hash'), line, spec),
    line,
  };
  if (manager === 'conda') return condaPackage(entry, spec);
  if (manager === 'pip' || manager === 'pypi') return pypiPackage(entry, entriesAt(item, 'source').size > 0, spec);
  const message = `conda-lock knows no manager ${manager.slice(0, 40)}; the entry is not read.`;
  spec.problems.push({ reason: 'unsupported-installer', message, line });
  return null;
}

/** `main` is what is always installed. */
function groupOf(item: YamlNode): string | null {
  const category = textAt(item, 'category');
  if (category !== null && category !== 'main') return category;
  return textAt(item, 'optional') === 'true' ? 'optional' : null;
}
