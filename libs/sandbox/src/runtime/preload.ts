import { lstatSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';

const LIBRARY_MAX = 16 << 20;
/** Names of libraries as a linker writes them: the ones that are needed, and its own. */
const NEEDED = /\0(?<name>lib[\w+-]+\.so\.\d+)(?=\0)/g;
const DIRECTORIES = ['lib/x86_64-linux-gnu', 'lib/aarch64-linux-gnu', 'lib64', 'lib', 'usr/lib64', 'usr/lib'];

/**
 * Whether a library of the host can be loaded by the programs of an image: they must use the GNU C library, one that is new
 * enough, and have what else it needs, as the loader ends a program over what it does not find.
 */
export function canPreload(root: string, library: string): boolean {
  const wanted = readFileSync(library, 'latin1');
  const needed = [...wanted.matchAll(NEEDED)].map((match) => match.groups?.['name'] ?? '');
  const own = path.basename(library);
  const found = new Map(needed.filter((name) => name !== own).map((name) => [name, libraryInside(root, name)]));
  const standard = found.get('libc.so.6') ?? null;
  if (standard === null || [...found.values()].includes(null)) return false;
  return newestVersion(wanted) <= newestVersion(readFileSync(standard, 'latin1'));
}

function libraryInside(root: string, name: string): string | null {
  for (const directory of DIRECTORIES) {
    const file = fileInside(root, path.join(directory, name));
    if (file !== null) return file;
  }
  return null;
}

/** The file itself, if the way there does not lead out of the image. */
function fileInside(root: string, name: string): string | null {
  try {
    const file = realpathSync(path.join(root, name));
    const kind = lstatSync(file);
    return file.startsWith(`${root}/`) && kind.isFile() && kind.size <= LIBRARY_MAX ? file : null;
  } catch {
    return null;
  }
}

/** The highest N of the versions GLIBC_2.N that a file names. */
function newestVersion(content: string): number {
  const minors = [...content.matchAll(/GLIBC_2\.(?<minor>\d{1,3})\b/g)].map((match) => Number(match.groups?.['minor']));
  return Math.max(-1, ...minors);
}
