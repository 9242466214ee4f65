import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdir, realpath, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { buildImage, buildLayer, encodeLayoutIndex, OCI_LAYOUT, type TarInput } from '@envarium/oci';
import type { LayoutImage } from './executor.js';
import { findProgram } from './programs.js';

const run = promisify(execFile);

/** A file of this machine by its path inside an image. */
export interface GatheredFile {
  readonly path: string;
  readonly source: string;
  readonly mode: number;
}

/** Programs with the loader and the libraries that they need. Not found: left out. */
export async function gatherPrograms(programs: readonly string[]): Promise<GatheredFile[]> {
  const files = new Map<string, GatheredFile>();
  for (const program of programs) {
    for (const name of [program, ...(await librariesOf(program))]) {
      const source = await realpath(name);
      files.set(name, {
        path: path.posix.join('usr', name.replace(/^\/usr\//, '/')),
        source,
        mode: (await stat(source)).mode & 0o777,
      });
    }
  }
  return [...files.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** What `ldd` names; it runs nothing but the loader for programs of the system. A static program has none. */
async function librariesOf(program: string): Promise<string[]> {
  try {
    const { stdout } = await run('ldd', [program], { env: { LC_ALL: 'C' } });
    return [...stdout.matchAll(/(?:=>\s+)?(?<file>\/\S+)\s+\(0x/g)].map((match) => match.groups?.['file'] ?? '');
  } catch {
    return [];
  }
}

/** Writes an OCI layout with a shell and the given programs of this machine: an image that needs no registry. */
export async function writeTinyImage(
  layout: string,
  programs: readonly string[],
  platform: string,
): Promise<LayoutImage> {
  const found = ['sh', ...programs].map((name) => findProgram(name)).filter((file) => file !== null);
  const files = await gatherPrograms(found);
  const entries: TarInput[] = [
    { path: 'tmp/', type: 'directory', mode: 0o1777 },
    ...['bin', 'lib', 'lib64', 'sbin'].map((name): TarInput => ({
      path: name,
      type: 'symlink',
      linkname: `usr/${name}`,
    })),
    ...(await Promise.all(
      files.map(async (file) => ({
        path: file.path,
        mode: file.mode,
        size: (await stat(file.source)).size,
        body: () => createReadStream(file.source),
      })),
    )),
  ];
  const [os = 'linux', architecture = 'amd64'] = platform.split('/');
  const image = buildImage({
    layers: [await buildLayer(entries)],
    config: {
      os,
      architecture,
      created: '2026-01-01T00:00:00Z',
      config: { Env: ['PATH=/usr/bin:/bin:/usr/sbin:/sbin'] },
    },
  });
  const blobs = path.join(layout, 'blobs/sha256');
  await mkdir(blobs, { recursive: true });
  for (const { descriptor, content } of image.blobs)
    await pipeline(Readable.from(content()), createWriteStream(path.join(blobs, descriptor.digest.slice(7))));
  const { descriptor, bytes } = image.manifest;
  await writeFile(path.join(blobs, descriptor.digest.slice(7)), bytes);
  await writeFile(path.join(layout, 'oci-layout'), OCI_LAYOUT);
  await writeFile(path.join(layout, 'index.json'), encodeLayoutIndex(descriptor, null));
  return { layout, digest: descriptor.digest };
}
