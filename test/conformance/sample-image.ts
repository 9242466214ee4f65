import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { buildImage, buildLayer, type BuiltImage, ociArchiveEntries, tarEntries } from '@envarium/oci';

/** A small image of two layers. @param marker text in a file, so that no two images are the same */
export async function sampleImage(marker: string, architecture = 'amd64'): Promise<BuiltImage> {
  const layers = [
    await buildLayer([{ path: 'etc/', type: 'directory' }, file('etc/os-release', 'ID=debian\nVERSION_ID="12"\n')]),
    await buildLayer([file('analysis.R', `# ${marker}\nplot(1)\n`)]),
  ];
  const config = { Env: ['PATH=/usr/bin'], Cmd: ['Rscript', 'analysis.R'] };
  return buildImage({
    layers,
    config: { architecture, os: 'linux', created: '2026-01-01T00:00:00Z', config },
  });
}

/** Writes the image as an OCI archive, tagged v1. */
export async function writeArchive(image: BuiltImage, archive: string): Promise<void> {
  await mkdir(path.dirname(archive), { recursive: true });
  const entries = ociArchiveEntries(image, { repository: 'lab/sample', tag: 'v1' });
  await pipeline(Readable.from(tarEntries(entries)), createWriteStream(archive));
}

function file(name: string, text: string): { path: string; size: number; body: Uint8Array } {
  const body = new TextEncoder().encode(text);
  return { path: name, size: body.length, body };
}
