import {
  type Digest,
  digestEncoded,
  formatPlatform,
  type ImageName,
  parseDigest,
  parsePlatform,
  parseReference,
} from '@envarium/oci';
import { z } from 'zod';
import type { CommandContext, CommandInput, Connection } from '../context.js';
import { notFound, usageError } from '../failure.js';
import type { Output } from '../output.js';
import { type ImageClosure, readClosure } from '../pull/image-closure.js';
import { layOutTar, writeTarFile, writeTarStream } from '../pull/image-tar.js';
import { writeLayout } from '../pull/layout-directory.js';
import { formatSize } from '../text/size.js';
import { count } from '../text/version-text.js';

const Options = z.object({
  output: z.string().optional(),
  tar: z.string().optional(),
  platform: z.string().optional(),
});

/** As `--tar`: standard output. */
const STDOUT = '-';

export async function pull(context: CommandContext, { args, options }: CommandInput): Promise<void> {
  const { output: directory, tar, platform: platformText } = Options.parse(options);
  const platform = platformText === undefined ? null : parsePlatform(platformText);
  const { output } = context;
  if (directory !== undefined && tar !== undefined) throw usageError('--output and --tar exclude each other');
  if (tar === STDOUT) assertFreeForBytes(output);
  const connection = await context.connect();
  const { repository, digest, tag } = await findImage(connection, args[0] ?? '');

  const closure = await readClosure(connection.registry, repository, digest, platform);
  warnOfAbsent(closure, output);
  const target = tar ?? directory ?? `./${repository.split('/').at(-1) ?? repository}-${tag}`;
  const size = closure.blobs.reduce((total, blob) => total + blob.size, 0);
  const name = { repository, tag };
  const fetched =
    tar === undefined
      ? await pullLayout(connection, closure, target, name, output)
      : await pullTar(connection, closure, target, name, output);

  const kept = size - fetched;
  const pulled = closure.manifests[0].descriptor.digest;
  const result = {
    repository,
    digest: pulled,
    target,
    size,
    fetched,
    manifestCount: closure.manifests.length,
    blobCount: closure.blobs.length,
  };
  const lines = [
    `${repository}@${pulled}`,
    `${count(closure.manifests.length, 'image manifest')} and ${count(closure.blobs.length, 'blob')}, ${formatSize(size)}, every digest correct${kept > 0 ? `; ${formatSize(kept)} were there` : ''}.`,
  ];
  if (tar === STDOUT) return output.remark(lines.join('\n'));
  const next =
    tar === undefined ? `skopeo copy oci:${target} docker-daemon:${repository}:${tag}` : `docker load -i ${target}`;
  output.result(result, [...lines, `Written to ${target}. Next: ${next}`]);
}

/** @returns bytes of blobs that were fetched */
async function pullLayout(
  { registry }: Connection,
  closure: ImageClosure,
  directory: string,
  name: ImageName,
  output: Output,
): Promise<number> {
  const size = closure.blobs.reduce((total, blob) => total + blob.size, 0);
  const progress = await output.progress('pull', size);
  try {
    return await writeLayout(registry, name.repository, closure, directory, name, progress);
  } finally {
    progress.stop();
  }
}

async function pullTar(
  { registry }: Connection,
  closure: ImageClosure,
  target: string,
  name: ImageName,
  output: Output,
): Promise<number> {
  const contents = [...closure.manifests.map(({ descriptor }) => descriptor), ...closure.blobs];
  const progress = await output.progress(
    'pull',
    contents.reduce((total, { size }) => total + size, 0),
  );
  try {
    const archive = layOutTar(registry, name.repository, closure, name, progress);
    if (target !== STDOUT) await writeTarFile(archive, target);
    else if (output.bytes !== null) await writeTarStream(archive, output.bytes);
  } finally {
    progress.stop();
  }
  return closure.blobs.reduce((total, { size }) => total + size, 0);
}

function assertFreeForBytes({ isJson, bytes }: Output): void {
  if (isJson) throw usageError('--tar - and --json both want standard output', 'Name a file with --tar.');
  if (bytes === null) {
    throw usageError('a tar is nothing for a screen', 'Send it on: envarium pull ... --tar - | docker load');
  }
}

function warnOfAbsent({ missing, elsewhere }: ImageClosure, output: Output): void {
  for (const { digest, platform } of missing) {
    const which = platform === undefined ? 'unknown' : formatPlatform(platform);
    output.warn(`the image names a platform that is not archived: ${which} ${digest}`);
  }
  for (const { digest, urls } of elsewhere) {
    output.warn(`the image has a layer that is not archived, and may not be distributed: ${digest} ${urls?.[0] ?? ''}`);
  }
}

interface FoundImage {
  readonly repository: string;
  readonly digest: Digest;
  /** For names of files and in the layout. */
  readonly tag: string;
}

/** By digest the registry alone is asked; by version the record says which digest. */
async function findImage({ api }: Connection, reference: string): Promise<FoundImage> {
  if (reference.includes('@sha256:') || reference.includes('@sha512:')) {
    const { repository, digest } = parseReference(reference);
    if (digest !== null) return { repository, digest, tag: digestEncoded(digest).slice(0, 12) };
  }
  const version = await api.version(reference);
  const name = `${version.repository}@v${version.number}`;
  if (version.imageDigest === null) {
    throw notFound(`${name} has no image`, `Its package files: envarium files ${name} --output DIR`);
  }
  return { repository: version.repository, digest: parseDigest(version.imageDigest), tag: `v${version.number}` };
}
