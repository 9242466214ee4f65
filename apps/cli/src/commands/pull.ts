import { type Digest, digestEncoded, parseDigest, parseReference } from '@envarium/oci';
import { z } from 'zod';
import type { CommandContext, CommandInput, Connection } from '../context.js';
import { notFound, usageError } from '../failure.js';
import { readClosure } from '../pull/image-closure.js';
import { writeArchive } from '../pull/layout-archive.js';
import { writeLayout } from '../pull/layout-directory.js';
import { formatSize } from '../text/size.js';
import { count } from '../text/version-text.js';

const Options = z.object({ output: z.string().optional(), tar: z.string().optional() });

export async function pull(context: CommandContext, { args, options }: CommandInput): Promise<void> {
  const { output: directory, tar } = Options.parse(options);
  if (directory !== undefined && tar !== undefined) throw usageError('--output and --tar exclude each other');
  const connection = await context.connect();
  const { repository, digest, tag } = await findImage(connection, args[0] ?? '');
  const { registry } = connection;

  const closure = await readClosure(registry, repository, digest);
  for (const { digest: absent, platform } of closure.missing) {
    context.output.warn(
      `the image names a platform that is not archived: ${platform?.architecture ?? 'unknown'} ${absent}`,
    );
  }
  const size = closure.blobs.reduce((total, blob) => total + blob.size, 0);
  const target = tar ?? directory ?? `./${repository.split('/').at(-1) ?? repository}-${tag}`;
  const progress = await context.output.progress('pull', size);
  let fetched = size;
  try {
    if (tar === undefined)
      fetched = await writeLayout(registry, repository, closure, target, { repository, tag }, progress);
    else await writeArchive(registry, repository, closure, target, { repository, tag }, progress);
  } finally {
    progress.stop();
  }

  const kept = size - fetched;
  const result = {
    repository,
    digest,
    target,
    size,
    fetched,
    manifestCount: closure.manifests.length,
    blobCount: closure.blobs.length,
  };
  context.output.result(result, [
    `${repository}@${digest}`,
    `${count(closure.manifests.length, 'image manifest')} and ${count(closure.blobs.length, 'blob')}, ${formatSize(size)}, every digest correct${kept > 0 ? `; ${formatSize(kept)} were there` : ''}.`,
    `Written to ${target}. Next: ${tar === undefined ? `skopeo copy oci:${target} docker-daemon:${repository}:${tag}` : `docker load -i ${target}`}`,
  ]);
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
