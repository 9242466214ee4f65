import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { buildImage, buildLayer, encodeLayoutIndex, OCI_LAYOUT, type TarInput } from '@envarium/oci';
import type { LayoutImage } from './executor.js';
import { gatherPrograms } from './program-files.js';
import { findClockLibrary, findProgram } from './programs.js';

/** Writes an OCI layout with a shell and the given programs of this machine: an image that needs no registry. */
export async function writeTinyImage(
  layout: string,
  programs: readonly string[],
  platform: string,
): Promise<LayoutImage> {
  // With what the clock's library needs, as a real image has it.
  const found = [...['sh', ...programs].map(findProgram), findClockLibrary()].filter((file) => file !== null);
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
