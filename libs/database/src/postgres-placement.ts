import { randomUUID } from 'node:crypto';
import { access, chown, constants, mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ArchiveError } from '@envarium/errors';
import { z } from 'zod';
import { writeExclusive } from './exclusive-file.js';
import { canEnter, type PostgresAccount } from './postgres-account.js';
import { errorCode } from './system-error.js';

/**
 * `elsewhere.json`, kept in the directory of which the cluster was asked for when the cluster could not be put there:
 * root's home is closed to the account that PostgreSQL runs as.
 */
const Elsewhere = z.strictObject({
  /** Where the cluster is. */
  home: z.string(),
  /** The directory that this file was written in: a copy of the directory must not share its cluster. */
  directory: z.string(),
});
type Elsewhere = z.infer<typeof Elsewhere>;

const FILE_NAME = 'elsewhere.json';

/**
 * The directory that holds the cluster of `directory`, made when there is none: `directory` itself where `account` can
 * reach it, or else a new directory below `stateRoot`, remembered in `elsewhere.json`. Two directories never share one.
 * @throws ArchiveError CONFIG_INVALID when the cluster that is remembered is gone, or cannot be reached any more
 */
export async function placeCluster(directory: string, account: PostgresAccount, stateRoot: string): Promise<string> {
  const asked = await makeDirectory(directory);
  const remembered = await rememberedHome(asked);
  if (remembered !== null) {
    if (account !== null && (await canEnter(account, remembered))) return remembered;
    throw unreachable('cluster-not-reachable', { cluster: remembered, rememberedIn: path.join(asked, FILE_NAME) });
  }

  if (account === null) return asked;
  if (await canEnter(account, path.dirname(asked))) {
    await chown(asked, account.uid, account.gid);
    return asked;
  }
  if (await stat(path.join(asked, 'data')).catch(() => null)) {
    // Never begin an empty database because somebody closed a directory above the full one.
    throw unreachable('cluster-not-reachable', { cluster: asked, uid: account.uid });
  }
  return placeElsewhere(asked, account, stateRoot);
}

async function makeDirectory(directory: string): Promise<string> {
  try {
    // A mode would hold for the directories above as well, and close them to `nobody`.
    await mkdir(path.dirname(directory), { recursive: true });
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const real = await realpath(directory);
    await access(real, constants.W_OK | constants.X_OK);
    return real;
  } catch (cause) {
    throw unreachable('data-directory-not-writable', { directory, code: errorCode(cause) }, cause);
  }
}

async function rememberedHome(asked: string): Promise<string | null> {
  const file = path.join(asked, FILE_NAME);
  const elsewhere = await readElsewhere(file);
  if (elsewhere === null) return null;
  if (elsewhere.directory === asked) return elsewhere.home;

  const original = await readElsewhere(path.join(elsewhere.directory, FILE_NAME));
  if (original?.home === elsewhere.home) {
    // This directory is a copy. The cluster stays with the original; its rows come back here by reindexing.
    await rm(file);
    return null;
  }
  // The directory was moved, and its cluster goes with it.
  const moved: Elsewhere = { home: elsewhere.home, directory: asked };
  await writeFile(`${file}.tmp`, JSON.stringify(moved), { mode: 0o600 });
  await rename(`${file}.tmp`, file);
  return moved.home;
}

async function readElsewhere(file: string): Promise<Elsewhere | null> {
  try {
    return Elsewhere.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(cause) ?? '')) return null;
    throw unreachable('cluster-file-invalid', { file, code: errorCode(cause) }, cause);
  }
}

async function placeElsewhere(
  asked: string,
  account: NonNullable<PostgresAccount>,
  stateRoot: string,
): Promise<string> {
  const home = path.join(stateRoot, 'clusters', randomUUID());
  await mkdir(path.dirname(home), { recursive: true, mode: 0o755 });
  await mkdir(home, { mode: 0o700 });
  await chown(home, account.uid, account.gid);
  if (!(await canEnter(account, home))) {
    await rm(home, { recursive: true });
    throw unreachable('no-place-for-cluster', { tried: [asked, home], uid: account.uid });
  }

  const file = path.join(asked, FILE_NAME);
  const isFirst = await writeExclusive(file, JSON.stringify({ home, directory: asked } satisfies Elsewhere), null);
  if (isFirst) return home;
  await rm(home, { recursive: true });
  return (await readElsewhere(file))?.home ?? placeElsewhere(asked, account, stateRoot);
}

function unreachable(problem: string, detail: Record<string, unknown>, cause?: unknown): ArchiveError {
  return new ArchiveError('CONFIG_INVALID', { problem, setting: 'DATABASE_URL', ...detail }, { cause });
}
