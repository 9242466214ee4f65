import type { EnvironmentSpec, Standing } from '@envarium/schema';
import { FormatError } from '../format.js';
import { jsonEvidence, JsonObject } from '../json-evidence.js';
import { limits } from '../limits.js';
import { emptySpec } from '../spec.js';
import { parseJson } from '../text.js';
import { locatedEntries } from './entries.js';
import { readPackage, registryOf } from './package.js';
import { LockEntry, PackageLock } from './schema.js';

export const FILE_NAME = /^(?:\.?package-lock|npm-shrinkwrap)\.json$/;

/** Keys that Bun's JSONC lock file, which also has a lockfileVersion, never writes. */
const NPM_KEY = /"(?:resolved|requires|integrity)"\s*:/;
const KNOWN_VERSIONS: readonly string[] = ['0', '1', '2', '3'];

export function extract(content: string, path: string): EnvironmentSpec | null {
  const baseName = path.slice(path.lastIndexOf('/') + 1);
  const lock = readLock(content, baseName);
  if (lock === null) return null;

  const entries = [...locatedEntries(lock)];
  if (entries.length > limits.packages) {
    throw new FormatError('limit-exceeded', `A lock file is read up to ${limits.packages} packages.`);
  }
  const spec = emptySpec('package-lock', 'language');
  const evidence = jsonEvidence(content, lock.packages === undefined ? limits.nesting : 2);
  spec.problems.push(...evidence.problems);
  const version = lock.lockfileVersion === undefined ? null : String(lock.lockfileVersion);
  if (version !== null && !KNOWN_VERSIONS.includes(version)) {
    const message = `lockfileVersion ${version.slice(0, 20)} is not known; it was read like 3.`;
    spec.problems.push({ reason: 'unsupported-option', message, line: evidence.lineOf('lockfileVersion') });
  }
  const registries = new Set<string>();
  for (const located of entries) {
    const line = evidence.lineOf(...located.keys);
    if (located.entry === null) {
      spec.problems.push({ reason: 'syntax-invalid', message: `${located.path} is no JSON object.`, line });
      continue;
    }
    const read = readPackage(located, located.entry, line, standingOf(lock));
    spec.packages.push(read.package);
    spec.problems.push(...read.problems);
    if (read.hadCredentials) spec.secrets.push({ kind: 'url-credentials', line });
    const registry = registryOf(read.package.source ?? '', read.package.name);
    if (registry !== null) registries.add(registry);
  }
  spec.sources.push(...registries);
  readRoot(lock, spec, evidence.lineOf('packages', ''));
  return spec;
}

function readLock(content: string, baseName: string): PackageLock | null {
  const isNamed = FILE_NAME.test(baseName);
  // npm 4 and before wrote npm-shrinkwrap.json without a lockfileVersion.
  const isOld = baseName === 'npm-shrinkwrap.json' && content.includes('"dependencies"');
  if (!/^\s*\{/.test(content) || !(content.includes('"lockfileVersion"') || isOld)) return null;
  let value: unknown;
  try {
    value = parseJson(content);
  } catch (error) {
    if (error instanceof FormatError && !isNamed && !NPM_KEY.test(content)) return null;
    throw error;
  }
  const object = JsonObject.safeParse(value);
  if (!object.success) return null;
  const lock = PackageLock.parse(object.data);
  return lock.lockfileVersion === undefined && !isOld ? null : lock;
}

/** The hidden lock file that npm keeps in node_modules tells what was installed, and has no entry for the project. */
function standingOf(lock: PackageLock): Standing {
  return lock.packages !== undefined && !Object.hasOwn(lock.packages, '') ? 'observed' : 'locked';
}

function readRoot(lock: PackageLock, spec: EnvironmentSpec, line: number | null): void {
  const root = JsonObject.safeParse(lock.packages?.['']);
  const node = root.success ? LockEntry.parse(root.data).engines?.node : undefined;
  if (node !== undefined) spec.runtimes.push({ name: 'node', version: null, specifier: node, line });
}
