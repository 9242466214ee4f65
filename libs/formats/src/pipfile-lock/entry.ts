import type { EnvironmentSpec, Standing } from '@envarium/schema';
import { parseSpecifier, pinnedVersion } from '../pip-requirements/pep440.js';
import { addPypiPackage, type PypiOrigin } from '../pypi-package.js';
import { PipfileEntry } from './schema.js';

export interface EntryContext {
  readonly group: string;
  readonly standing: Standing;
  readonly line: number | null;
  /** addresses of the indexes that the file names */
  readonly indexes: ReadonlyMap<string, string>;
  readonly spec: EnvironmentSpec;
}

const SYSTEMS = ['git', 'hg', 'svn', 'bzr'] as const;
/** A marker may stand as a key of its own: `os_name = "== 'nt'"`. */
const MARKER_KEYS = [
  'os_name',
  'sys_platform',
  'platform_machine',
  'platform_system',
  'platform_python_implementation',
  'implementation_name',
  'python_version',
  'python_full_version',
] as const;

/** Adds what an entry of a Pipfile or its lock says: a version specifier, or a table. */
export function addEntry(name: string, value: unknown, context: EntryContext): void {
  const { spec, line, group, standing, indexes } = context;
  const entry = PipfileEntry.safeParse(typeof value === 'string' ? { version: value } : value).data;
  if (entry === undefined) {
    spec.problems.push({ reason: 'syntax-invalid', message: `The entry of ${name} is no table.`, line });
    return;
  }
  const origin = originOf(entry, indexes);
  addPypiPackage(
    {
      name,
      origin,
      standing,
      hashes: entry.hashes ?? [],
      marker: markerOf(entry),
      group,
      line,
      ...readVersion(entry),
    },
    spec,
  );
}

function readVersion({ version, extras = [] }: PipfileEntry): { version: unknown; specifier: string | null } {
  if (typeof version !== 'string') return { version, specifier: spell(extras, '') };
  const written = version.trim() === '*' ? '' : version.trim();
  const clauses = parseSpecifier(written);
  return { version: clauses === null ? null : pinnedVersion(clauses), specifier: spell(extras, written) };
}

function spell(extras: readonly string[], written: string): string | null {
  return (extras.length === 0 ? '' : `[${extras.join(',')}]`) + written || null;
}

function originOf(entry: PipfileEntry, indexes: ReadonlyMap<string, string>): PypiOrigin {
  const { ref: revision = null, subdirectory = null } = entry;
  for (const system of SYSTEMS) {
    const url = entry[system];
    if (url !== undefined) return { kind: 'vcs', system, url: url.replace(/^git\+/, ''), revision, subdirectory };
  }
  const place = entry.path ?? entry.file ?? entry.uri ?? entry.url;
  if (place === undefined) {
    const { index } = entry;
    return { kind: 'index', url: index === undefined ? null : (indexes.get(index) ?? null) };
  }
  return /^(?:https?|ftp):\/\//i.test(place)
    ? { kind: 'url', url: place, subdirectory }
    : { kind: 'local', path: place };
}

function markerOf(entry: PipfileEntry): string | null {
  const parts = MARKER_KEYS.flatMap((key) => (entry[key] === undefined ? [] : [`${key} ${entry[key]}`]));
  const all = [...(entry.markers === undefined ? [] : [entry.markers]), ...parts];
  if (all.length < 2) return all[0] ?? null;
  return all.map((each) => `(${each})`).join(' and ');
}
