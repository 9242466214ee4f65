import { lstatSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';

const LIBRARY_MAX = 16 << 20;
const DIRECTORIES = ['lib/x86_64-linux-gnu', 'lib/aarch64-linux-gnu', 'lib64', 'lib', 'usr/lib64', 'usr/lib'];

/**
 * Whether a library of the host can be loaded by the programs of an image: they must use the GNU C library, and one that is
 * new enough, as the loader ends a program over a version that it does not find.
 */
export function canPreload(root: string, library: string): boolean {
  const image = DIRECTORIES.map((directory) => fileInside(root, path.join(directory, 'libc.so.6'))).find(
    (file) => file !== null,
  );
  if (image === undefined || image === null) return false;
  const wanted = newestVersion(library);
  return wanted !== null && wanted <= (newestVersion(image) ?? -1);
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
function newestVersion(file: string): number | null {
  const numbers = [...readFileSync(file, 'latin1').matchAll(/GLIBC_2\.(?<minor>\d{1,3})\b/g)].map((match) =>
    Number(match.groups?.['minor']),
  );
  return numbers.length === 0 ? null : Math.max(...numbers);
}
