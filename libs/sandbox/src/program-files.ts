import { execFile } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A file of this machine by its path inside an image. */
export interface ProgramFile {
  readonly path: string;
  readonly source: string;
  readonly mode: number;
}

/**
 * Programs with the loader and the libraries that they need, as in a system whose `/bin` and `/lib` lead to `/usr`. What is
 * not there is left out.
 */
export async function gatherPrograms(programs: readonly string[]): Promise<ProgramFile[]> {
  const files = new Map<string, ProgramFile>();
  for (const program of programs) {
    for (const name of [program, ...(await librariesOf(program))]) {
      const source = await realpath(name);
      const inside = path.posix.join('usr', name.replace(/^\/usr\//, '/'));
      files.set(inside, { path: inside, source, mode: (await stat(source)).mode & 0o777 });
    }
  }
  return [...files.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** What `ldd` names; it runs nothing but the loader, and only programs of the system are asked. A static program has none. */
async function librariesOf(program: string): Promise<string[]> {
  try {
    const { stdout } = await run('ldd', [program], { env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' } });
    return [...stdout.matchAll(/(?:=>\s+)?(?<file>\/\S+)\s+\(0x/g)].map((match) => match.groups?.['file'] ?? '');
  } catch {
    return [];
  }
}
