import { z } from 'zod';
import { parseToml } from '../documents.js';
import { simplifyMarker } from './marker.js';
import type { LockedPackage, LockReading } from './locked-package.js';

const Hashes = z.record(z.string(), z.string());
const Archive = z.object({ url: z.string().optional(), path: z.string().optional(), hashes: Hashes.optional() });

const Entry = z.object({
  name: z.string(),
  version: z.string().optional(),
  marker: z.string().optional(),
  wheels: z.array(Archive).optional(),
  sdist: Archive.optional(),
  archive: Archive.optional(),
  vcs: z.object({ type: z.string(), url: z.string().optional(), 'commit-id': z.string().optional() }).optional(),
  directory: z.object({ path: z.string() }).optional(),
});
type Entry = z.infer<typeof Entry>;

const Pylock = z.object({
  'lock-version': z.string(),
  'requires-python': z.string().optional(),
  'default-groups': z.array(z.string()).optional(),
  packages: z.array(Entry),
});

/** https://packaging.python.org/en/latest/specifications/pylock-toml/; its default groups and no extras. */
export function readPylock(text: string, file: string): LockReading {
  const lock = parseToml(text, Pylock, file);
  const groups = new Set(lock['default-groups']);
  const problems: string[] = [];
  const packages = lock.packages.flatMap((entry): LockedPackage[] => {
    const marker = entry.marker === undefined ? true : simplifyMarker(entry.marker, (atom) => decide(atom, groups));
    if (marker === false) return [];
    if (entry.directory !== undefined || marker === null) {
      const why = marker === null ? 'its marker is not understood' : 'it is a folder';
      problems.push(`${entry.name} is not installed: ${why}.`);
      return [];
    }
    return [toPackage(entry, marker === true ? null : marker)];
  });
  return { packages, python: lock['requires-python'] ?? null, problems };
}

/** `'dev' in dependency_groups`, `'plot' in extras` */
function decide(atom: string, groups: ReadonlySet<string>): boolean | null {
  const {
    name = '',
    not,
    list,
  } = /^["'](?<name>[^"']*)["'] (?<not>not )?in (?<list>dependency_groups|extras)$/.exec(atom)?.groups ?? {};
  if (list === undefined) return null;
  return (list === 'dependency_groups' && groups.has(name)) === (not === undefined);
}

function toPackage(entry: Entry, marker: string | null): LockedPackage {
  const files = [...(entry.wheels ?? []), ...[entry.sdist ?? [], entry.archive ?? []].flat()];
  return {
    name: entry.name,
    version: entry.version ?? null,
    marker,
    hashes: files
      .flatMap(({ hashes }) => Object.entries(hashes ?? {}).map(([algorithm, hex]) => `${algorithm}:${hex}`))
      .filter(isStrong),
    link: linkOf(entry),
  };
}

function linkOf({ vcs, archive }: Entry): string | null {
  if (vcs !== undefined) return `${vcs.type}+${vcs.url ?? ''}@${vcs['commit-id'] ?? ''}`;
  return archive?.url ?? null;
}

function isStrong(hash: string): boolean {
  return /^sha(?:256|384|512):/.test(hash);
}
