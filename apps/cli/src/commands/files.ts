import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseDigest, verifyContent } from '@envarium/oci';
import type { PackageFile } from '@envarium/schema';
import { z } from 'zod';
import type { CommandContext, CommandInput, Connection } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { CommandFailed } from '../failure.js';
import { formatSize } from '../text/size.js';
import { table } from '../text/table.js';
import { count } from '../text/version-text.js';

const Options = z.object({ output: z.string().optional() });

export async function files(context: CommandContext, { args, options }: CommandInput): Promise<void> {
  const [reference = ''] = args;
  const { output: directory } = Options.parse(options);
  const connection = await context.connect();
  const version = await connection.api.version(reference);
  const { items } = await connection.api.files(`${version.repository}@v${version.number}`);
  if (directory !== undefined) {
    for (const file of items) await fetchFile(connection, version.repository, file, directory);
  }
  const rows = items.map(({ path: inside, size, format, digest }) => [inside, formatSize(size), format ?? '-', digest]);
  const done =
    directory === undefined ? [] : [`${count(items.length, 'file')} written to ${directory}, every digest correct.`];
  context.output.result({ items, ...(directory !== undefined && { directory }) }, [
    ...(items.length === 0
      ? ['No files were deposited with this version.']
      : table(['path', 'size', 'format', 'digest'], rows)),
    ...done,
  ]);
}

async function fetchFile(
  { registry }: Connection,
  repository: string,
  file: PackageFile,
  directory: string,
): Promise<void> {
  const target = path.resolve(directory, ...file.path.split('/'));
  // The server refuses such paths at deposit; a server that does not must not write anywhere it likes.
  if (!target.startsWith(`${path.resolve(directory)}${path.sep}`)) throw unsafePath(file.path);
  await mkdir(path.dirname(target), { recursive: true });
  const digest = parseDigest(file.digest);
  const unfinished = `${target}.${process.pid}.tmp`;
  try {
    await pipeline(
      verifyContent(registry.blob(repository, digest), { digest, size: file.size }),
      createWriteStream(unfinished),
    );
    await rename(unfinished, target);
  } finally {
    await rm(unfinished, { force: true });
  }
}

function unsafePath(inside: string): CommandFailed {
  return new CommandFailed({
    exitCode: EXIT.verification,
    code: 'PATH_UNSAFE',
    title: `the server names a file outside of the directory: ${inside}`,
    remedy: null,
    detail: {},
  });
}
