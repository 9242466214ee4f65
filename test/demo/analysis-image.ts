import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { toOciArchitecture } from '@envarium/hardware';
import { buildImage, buildLayer, ociArchiveEntries, tarEntries, type TarInput } from '@envarium/oci';

const OS_RELEASE = '/etc/os-release';
const NODE_TO_KERNEL: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

/**
 * Makes an image of real files without any container tool: what the system calls itself, and the analysis with its data.
 * @returns digest of the image manifest
 */
export async function writeAnalysisImage(
  directory: string,
  names: readonly string[],
  archive: string,
): Promise<string> {
  const base = (await isFile(OS_RELEASE))
    ? [{ path: 'etc/', type: 'directory' as const }, await entry(OS_RELEASE, 'etc/os-release')]
    : [];
  const analysis = [
    { path: 'analysis/', type: 'directory' as const },
    ...(await Promise.all(names.toSorted().map((name) => entry(path.join(directory, name), `analysis/${name}`)))),
  ];
  const layers = [...(base.length === 0 ? [] : [await buildLayer(base)]), await buildLayer(analysis)];
  const image = buildImage({
    layers,
    config: {
      architecture: toOciArchitecture(NODE_TO_KERNEL[os.arch()] ?? os.arch())?.architecture ?? os.arch(),
      os: 'linux',
      config: { WorkingDir: '/analysis', Cmd: ['node', 'fit.mjs', 'data.csv', 'figure2.svg'] },
    },
  });
  await pipeline(tarEntries(ociArchiveEntries(image)), createWriteStream(archive));
  return image.manifest.digest;
}

async function entry(file: string, inside: string): Promise<TarInput> {
  const { size } = await stat(file);
  return { path: inside, size, body: () => createReadStream(file) };
}

async function isFile(file: string): Promise<boolean> {
  return await stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** Files of a directory, without a capture of it. */
export async function fileNames(directory: string): Promise<string[]> {
  const listed = await readdir(directory, { withFileTypes: true });
  return listed
    .filter((entryOf) => entryOf.isFile() && entryOf.name !== '.envarium-capture.tar')
    .map(({ name }) => name);
}
