import type { EnvironmentSpec, SpecPackage } from '@envarium/schema';
import { noteRuntime } from '../conda-environment/runtimes.js';
import { condaPackage, hashesAt, pypiPackage, type LockedEntry } from '../conda-lock/locked-package.js';
import { FormatError } from '../format.js';
import { redactUrl } from '../redact.js';
import { emptySpec } from '../spec.js';
import { itemsAt, readYamlTree, textAt, valueAt, type YamlNode } from '../yaml-tree.js';
import { grouped, packageId, readEnvironments, selects, type PackageId, type Use } from './environments.js';
import { sourcePackage } from './source-package.js';

export const FILE_NAME = /(?:^|[-._/])pixi\.lock$/i;

const MARKS = [/^version:/m, /^environments:/m, /^packages:/m];
/** Files of version 1 to 3 have the shape of conda-lock.yml. */
const KNOWN_VERSIONS: readonly string[] = ['4', '5', '6', '7'];

/**
 * Reads pixi.lock: what stands in each environment on each platform, and what each package is.
 * https://pixi.prefix.dev/latest/workspace/lockfile/
 */
export function extract(content: string, path: string): EnvironmentSpec | null {
  if (!MARKS.every((mark) => mark.test(content))) return null;
  const root = readOwn(content, path);
  const list = valueAt(root, 'packages');
  if (root === null || list?.kind !== 'sequence' || valueAt(root, 'environments')?.kind !== 'mapping') return null;

  const spec = emptySpec('pixi-lock', 'language');
  noteVersion(root, spec);
  const uses = grouped(readEnvironments(root, spec), keyOf);
  const builders = buildersOf(list.items);
  const found = new Set<Use>();
  for (const item of list.items) readEntry(item, uses, builders, found, spec);
  noteMissing(uses, found, spec);
  return spec;
}

function readOwn(content: string, path: string): YamlNode | null {
  try {
    return readYamlTree(content);
  } catch (error) {
    const isOurs = FILE_NAME.test(path) || /^ *- (?:conda|pypi|kind): /m.test(content);
    if (error instanceof FormatError && !isOurs) return null;
    throw error;
  }
}

function noteVersion(root: YamlNode, spec: EnvironmentSpec): void {
  const version = textAt(root, 'version') ?? '';
  if (KNOWN_VERSIONS.includes(version)) return;
  const message = `Version ${version.slice(0, 20)} of pixi.lock is not known; it was read like 7.`;
  spec.problems.push({ reason: 'unsupported-option', message, line: valueAt(root, 'version')?.line ?? null });
}

/** An environment is what is installed: a package stands once for each that it is in, with its platforms there. */
function readEntry(
  item: YamlNode,
  uses: ReadonlyMap<string, readonly Use[]>,
  builders: ReadonlyMap<string, string>,
  found: Set<Use>,
  spec: EnvironmentSpec,
): void {
  const named = packageId(item);
  if (named === null) {
    spec.problems.push({ reason: 'syntax-invalid', message: 'The entry names no package.', line: item.line });
    return;
  }
  const read = readPackage(item, named, spec);
  const own = (uses.get(keyOf(named)) ?? []).filter(({ selector }) => selects(selector, item));
  for (const use of own) found.add(use);
  if (read === null) return;
  if (own.length === 0) {
    const group = builders.get(keyOf(named)) ?? null;
    spec.packages.push({ ...read, group, skipReason: 'not-installed' });
    return;
  }
  for (const [environment, placed] of grouped(own, (use) => use.environment)) {
    const platforms = new Set(placed.map(({ platform }) => platform));
    spec.packages.push({ ...read, group: environment, marker: `platform=${[...platforms].join(',')}` });
  }
  if (read.ecosystem === 'conda') noteRuntime(spec, read.name, read);
}

function readPackage(item: YamlNode, { kind, id }: PackageId, spec: EnvironmentSpec): SpecPackage | null {
  const { line } = item;
  if (kind === 'conda_source' || kind === 'source') return sourcePackage(item, id, spec);
  const entry: LockedEntry = {
    name: textAt(item, 'name'),
    version: textAt(item, 'version'),
    build: textAt(item, 'build'),
    subdir: textAt(item, 'subdir'),
    location: id,
    hashes: hashesAt(item, line, spec),
    line,
  };
  return kind === 'conda' ? condaPackage(entry, spec) : pypiPackage(entry, false, spec);
}

/** Packages that are there to build others from source, in version 7. */
function buildersOf(items: readonly YamlNode[]): Map<string, string> {
  const builders = new Map<string, string>();
  for (const item of items) {
    for (const [key, group] of [
      ['host_packages', 'host packages'],
      ['build_packages', 'build packages'],
    ] as const) {
      for (const selector of itemsAt(item, key)) {
        const named = packageId(selector);
        if (named !== null) builders.set(keyOf(named), group);
      }
    }
  }
  return builders;
}

function noteMissing(uses: ReadonlyMap<string, readonly Use[]>, found: ReadonlySet<Use>, spec: EnvironmentSpec): void {
  for (const use of [...uses.values()].flat()) {
    if (found.has(use)) continue;
    const message = `${use.environment} on ${use.platform} has a package that the file does not describe: ${redactUrl(use.id).url}`;
    spec.problems.push({ reason: 'syntax-invalid', message, line: use.selector.line });
  }
}

function keyOf({ kind, id }: PackageId): string {
  return `${kind} ${id}`;
}
