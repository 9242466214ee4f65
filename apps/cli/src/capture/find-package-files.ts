import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { CAPTURE_NAME } from './capture-list.js';

export interface FoundFile {
  /** Inside the directory, `/` separated. */
  readonly path: string;
  readonly size: number;
}

export interface Findings {
  readonly files: readonly FoundFile[];
  /** By name a package file or a directory to look into, but not taken. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  /** All other files: data, programs, results. */
  readonly others: { readonly count: number; readonly examples: readonly string[] };
}

/** Directories whose content was installed, cached or versioned by a tool: their package files are those of others. */
const FOREIGN_DIRECTORIES: ReadonlySet<string> = new Set([
  'node_modules',
  'bower_components',
  '.git',
  '.hg',
  '.svn',
  'venv',
  '.venv',
  'virtualenv',
  'site-packages',
  '__pycache__',
  '.tox',
  '.nox',
  '.cache',
  '.mypy_cache',
  '.pytest_cache',
  '.ipynb_checkpoints',
  '.snakemake',
  '.nextflow',
  'packrat',
  '.envarium',
  '.pixi',
  '.conda',
  '.Rproj.user',
]);

/** A directory with one of these was not written by the author, whatever its name is. */
const MARKS: ReadonlyMap<string, string> = new Map([
  ['pyvenv.cfg', 'an installed environment'],
  ['conda-meta', 'an installed environment'],
]);

/** Whether a directory of this name holds what a tool has installed or cached. */
export function isForeignDirectory(name: string): boolean {
  return FOREIGN_DIRECTORIES.has(name);
}

export const LIMITS = { depth: 8, entries: 100_000, fileBytes: 16 * 2 ** 20, files: 2000 } as const;
const EXAMPLES = 5;

/**
 * Finds package files by their usual names, in bounded time. Links to directories are not followed.
 * @param isPackageFile decides by the base name
 */
export async function findPackageFiles(
  directory: string,
  isPackageFile: (name: string) => boolean,
  limits: Readonly<Record<keyof typeof LIMITS, number>> = LIMITS,
): Promise<Findings> {
  const files: FoundFile[] = [];
  const skipped: { path: string; reason: string }[] = [];
  const others = { count: 0, examples: [] as string[] };
  const root = await realpath(directory);
  let entries = 0;

  async function look(relative: string, depth: number): Promise<void> {
    const listed = await readdir(path.join(root, relative), { withFileTypes: true });
    const mark =
      depth === 0 ? undefined : listed.map(({ name }) => MARKS.get(name)).find((reason) => reason !== undefined);
    if (mark !== undefined) {
      skipped.push({ path: relative, reason: mark });
      return;
    }
    for (const entry of listed.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      entries += 1;
      if (entries > limits.entries) return;
      const inside = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory()) await enter(inside, entry.name, depth + 1);
      else if (entry.name === CAPTURE_NAME) continue;
      else if (isPackageFile(entry.name)) await take(inside);
      else {
        others.count += 1;
        if (others.examples.length < EXAMPLES) others.examples.push(inside);
      }
    }
  }

  async function enter(inside: string, name: string, depth: number): Promise<void> {
    if (FOREIGN_DIRECTORIES.has(name)) return;
    if (inside.endsWith('renv/library') || inside.endsWith('renv/staging')) return;
    if (depth > limits.depth) skipped.push({ path: inside, reason: `deeper than ${limits.depth} directories` });
    else await look(inside, depth);
  }

  async function take(inside: string): Promise<void> {
    const reason = await faultOf(root, inside, limits.fileBytes);
    if (typeof reason === 'string') skipped.push({ path: inside, reason });
    else if (files.length >= limits.files) skipped.push({ path: inside, reason: `more than ${limits.files} files` });
    else files.push({ path: inside, size: reason.size });
  }

  await look('', 0);
  if (entries > limits.entries)
    skipped.push({ path: '.', reason: `not looked through: more than ${limits.entries} entries` });
  return { files, skipped, others };
}

/** A link is taken for what it points to, as long as that lies in the directory. */
async function faultOf(root: string, inside: string, limit: number): Promise<string | { size: number }> {
  try {
    const target = await realpath(path.join(root, inside));
    if (!target.startsWith(`${root}${path.sep}`)) return 'a link out of the directory';
    const found = await stat(target);
    if (!found.isFile()) return 'not a regular file';
    return found.size > limit ? `larger than ${limit} bytes` : { size: found.size };
  } catch (error) {
    return error instanceof Error && 'code' in error ? `cannot be read (${String(error.code)})` : 'cannot be read';
  }
}
