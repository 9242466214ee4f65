import { z } from 'zod';
import { parseJson } from '../documents.js';
import type { LockedPackage, LockReading } from './locked-package.js';

const Entry = z.object({
  version: z.string().optional(),
  hashes: z.array(z.string()).optional(),
  markers: z.string().optional(),
  extras: z.array(z.string()).optional(),
  git: z.string().optional(),
  ref: z.string().optional(),
  file: z.string().optional(),
  path: z.string().optional(),
});
type Entry = z.infer<typeof Entry>;

const PipfileLock = z.object({
  _meta: z
    .object({
      requires: z
        .object({ python_version: z.string().optional(), python_full_version: z.string().optional() })
        .optional(),
    })
    .optional(),
  default: z.record(z.string(), Entry).optional(),
});

/** https://github.com/pypa/pipfile; packages for developing are left out, as `pipenv sync` does. */
export function readPipfileLock(text: string, file: string): LockReading {
  const { _meta: meta, default: entries = {} } = parseJson(text, PipfileLock, file);
  const problems: string[] = [];
  const packages = Object.entries(entries).flatMap(([name, entry]) => {
    if (entry.path === undefined) return [toPackage(name, entry)];
    problems.push(`${name} is a folder of the deposit and is not installed.`);
    return [];
  });
  const python = meta?.requires?.python_full_version ?? meta?.requires?.python_version ?? null;
  return { packages, python, problems };
}

function toPackage(name: string, entry: Entry): LockedPackage {
  const version = entry.version?.replace(/^===?/, '').trim() ?? null;
  const link =
    entry.git === undefined
      ? (entry.file ?? null)
      : `git+${entry.git}${entry.ref === undefined ? '' : `@${entry.ref}`}`;
  return {
    name,
    version: version === '*' || version === '' ? null : version,
    marker: entry.markers ?? null,
    hashes: entry.hashes ?? [],
    link,
  };
}
