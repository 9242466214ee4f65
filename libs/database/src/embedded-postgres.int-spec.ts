import { execFile } from 'node:child_process';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startEmbeddedPostgres, type EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded-postgres.js';
import { postgresPackage } from './postgres-binaries.js';
import { findPostmaster } from './postmaster.js';

const isRoot = process.getuid?.() === 0;

let root: string;
let servers: EmbeddedPostgres[];
/** A cluster that was stopped, to be copied: making one takes seconds. */
let stopped: string;

beforeAll(async () => {
  stopped = await mkdtemp(path.join(tmpdir(), 'envarium-stopped-'));
  await chmod(stopped, 0o755);
  const server = await startEmbeddedPostgres({ directory: path.join(stopped, 'cluster'), isDurable: false });
  await server.stop();
});

afterAll(async () => {
  await rm(stopped, { recursive: true });
});

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'envarium postgres '));
  await chmod(root, 0o755);
  servers = [];
});

afterEach(async () => {
  for (const server of servers) await server.stop('immediate');
  await rm(root, { recursive: true });
});

async function start(name: string, options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({
    directory: path.join(root, name),
    isDurable: false,
    cacheRoot: path.join(root, 'cache'),
    stateRoot: path.join(root, 'state'),
    ...options,
  });
  servers.push(server);
  return server;
}

async function startExisting(name: string, options?: Partial<EmbeddedPostgresOptions>): Promise<EmbeddedPostgres> {
  // `cp -a` keeps the owner, which `cp` of node:fs does not.
  await promisify(execFile)('cp', ['-a', path.join(stopped, 'cluster'), path.join(root, name)]);
  return start(name, options);
}

async function query(server: EmbeddedPostgres, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: server.url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const modeOf = async (file: string) => ((await stat(file)).mode & 0o777).toString(8);

describe('database/embedded-postgres', () => {
  it('makes a cluster that only its owner and only this machine can reach', async () => {
    const server = await start('a');

    expect(server.isAdopted).toBe(false);
    expect(await query(server, 'SELECT current_database() AS db, inet_server_addr()::text AS address')).toEqual([
      { db: 'envarium', address: '127.0.0.1/32' },
    ]);
    expect(await query(server, 'SHOW unix_socket_directories')).toEqual([{ unix_socket_directories: '' }]);
    expect([await modeOf(path.join(server.home, 'password')), await modeOf(path.join(server.home, 'data'))]).toEqual([
      '600',
      '700',
    ]);
    await expect(
      query({ ...server, url: server.url.replace(/:[^:@]+@/, ':wrong@') }, 'SELECT 1'),
    ).rejects.toMatchObject({ code: '28P01' });
  });

  it('syncs to disk unless told otherwise', async () => {
    expect(await query(await startExisting('a'), 'SHOW fsync')).toEqual([{ fsync: 'off' }]);
    expect(await query(await startExisting('b', { isDurable: true }), 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
  });

  it('adopts the server that runs already', async () => {
    const first = await startExisting('a');

    const second = await start('a');

    expect(second).toMatchObject({ isAdopted: true, pid: first.pid, url: first.url });
  });

  it('becomes one cluster when three start together on a fresh directory', async () => {
    const started = await Promise.all([start('a'), start('a'), start('a')]);

    expect(new Set(started.map(({ pid }) => pid)).size).toBe(1);
    expect(started.filter(({ isAdopted }) => !isAdopted)).toHaveLength(1);
    expect((await readdir(started[0]!.home)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('keeps what was committed when the server is killed', async () => {
    const killed = await startExisting('a', { isDurable: true });
    await query(killed, 'CREATE TABLE fact AS SELECT generate_series(1, 1000) AS n');
    process.kill(killed.pid, 'SIGKILL');
    // Until then it is a server that runs, and would be adopted.
    await expect.poll(() => findPostmaster(path.join(killed.home, 'data'))).toBeNull();

    const server = await start('a', { isDurable: true });

    expect(server.pid).not.toBe(killed.pid);
    expect(await query(server, 'SELECT count(*)::int AS n FROM fact')).toEqual([{ n: 1000 }]);
  });

  it('starts again after a stop, on another port when the old one is taken', async () => {
    const first = await startExisting('a');
    await query(first, 'CREATE TABLE fact (n INTEGER)');
    await first.stop();
    const thief = createServer();
    await new Promise<void>((resolve) => thief.listen(first.port, '127.0.0.1', resolve));

    const second = await start('a');

    expect(second.isAdopted).toBe(false);
    expect(await query(second, 'SELECT n FROM fact')).toEqual([]);
    await new Promise((resolve) => thief.close(resolve));
  });

  it('stops a server that is stopped', async () => {
    const server = await startExisting('a');

    await server.stop();

    await expect(server.stop()).resolves.toBeUndefined();
  });

  it('is not misled by a pid file that names a program of somebody else', async () => {
    const first = await startExisting('a');
    const pidFile = path.join(first.home, 'data', 'postmaster.pid');
    const [, ...rest] = (await readFile(pidFile, 'utf8')).split('\n');
    await first.stop('immediate');
    await writeFile(pidFile, [process.pid, ...rest].join('\n'));
    await chmod(pidFile, 0o666);

    const second = await start('a');

    expect(second.isAdopted).toBe(false);
    expect(await query(second, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('clears away what a killed initdb left', async () => {
    const leftover = path.join(root, 'a', 'data.99999999-0a1b2c3d.tmp');
    await mkdir(path.join(leftover, 'base'), { recursive: true });

    const server = await start('a');

    expect((await readdir(server.home)).toSorted()).toEqual(['data', 'password', 'postgres.log']);
  });

  it('keeps two directories apart', async () => {
    const [first, second] = await Promise.all([startExisting('a'), startExisting('b')]);
    await query(first, 'CREATE TABLE fact (n INTEGER)');

    expect(second.port).not.toBe(first.port);
    expect(await query(second, `SELECT to_regclass('fact') AS fact`)).toEqual([{ fact: null }]);
  });

  it('refuses a directory of something else, and leaves it as it is', async () => {
    const data = path.join(root, 'a', 'data');
    await mkdir(data, { recursive: true });
    await writeFile(path.join(root, 'a', 'password'), 'x');
    await writeFile(path.join(data, 'thesis.txt'), 'x');
    if (isRoot) await chown(data, 65_534, 65_534);

    await expect(start('a')).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      detail: { problem: 'not-a-cluster', data: expect.stringMatching(/\/a\/data$/) },
    });
    expect(await readdir(data)).toEqual(['thesis.txt']);
  });

  it('refuses a cluster of another PostgreSQL version', async () => {
    const server = await startExisting('a');
    await server.stop();
    await writeFile(path.join(server.home, 'data', 'PG_VERSION'), '17\n');

    await expect(start('a')).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      detail: { problem: 'cluster-of-another-version', version: '17', supported: '18' },
    });
  });

  it('says so when the programs cannot run on this system', async () => {
    // On a system with musl the kernel answers the same: the loader that the program names is not there.
    const native = path.join(root, 'native');
    await mkdir(path.join(native, 'bin'), { recursive: true });
    await writeFile(path.join(native, 'pg-symlinks.json'), '[]');
    for (const name of ['initdb', 'pg_ctl', 'postgres']) {
      await writeFile(path.join(native, 'bin', name), '#!/lib64/no-such-loader.so\n', { mode: 0o755 });
    }

    await expect(start('a', { package: { native, version: '18.0.0' } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      detail: { problem: 'no-embedded-postgres', setting: 'DATABASE_URL', code: 'ENOENT' },
    });
  });

  it('shows the end of the log of a server that does not start', async () => {
    const server = await startExisting('a');
    await server.stop();
    await writeFile(path.join(server.home, 'data', 'postgresql.conf'), 'no_such_setting = on\n');

    await expect(start('a')).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      detail: {
        problem: 'postgres-does-not-start',
        log: expect.arrayContaining([
          expect.stringContaining('unrecognized configuration parameter "no_such_setting"'),
        ]),
      },
    });
  });
});

describe.runIf(isRoot)('database/embedded-postgres, for root below a private home', () => {
  let home: string;

  beforeEach(async () => {
    home = path.join(root, 'home');
    await mkdir(home, { mode: 0o700 });
  });

  it('puts the cluster where PostgreSQL can reach it, and finds it again', async () => {
    const first = await start('home/a');
    await query(first, 'CREATE TABLE fact (n INTEGER)');
    await first.stop();

    const second = await start('home/a');

    expect(path.dirname(first.home)).toBe(path.join(root, 'state', 'clusters'));
    expect(second.home).toBe(first.home);
    expect(await query(second, 'SELECT n FROM fact')).toEqual([]);
  });

  it('gives a copied directory a cluster of its own', async () => {
    const original = await start('home/a');
    await cp(path.join(home, 'a'), path.join(home, 'b'), { recursive: true });

    const copy = await start('home/b');

    expect(copy.home).not.toBe(original.home);
    expect((await start('home/a')).home).toBe(original.home);
    expect((await start('home/b')).home).toBe(copy.home);
  });

  it('keeps the cluster of a directory that was moved', async () => {
    const before = await start('home/a');
    await rename(path.join(home, 'a'), path.join(home, 'b'));

    const after = await start('home/b');
    const fresh = await start('home/a');

    expect(after.home).toBe(before.home);
    expect(fresh.home).not.toBe(before.home);
  });

  it('never begins an empty database in place of one that is gone or shut away', async () => {
    const elsewhere = await start('home/a');
    await elsewhere.stop();
    await rm(elsewhere.home, { recursive: true });
    const inPlace = await startExisting('open');
    await inPlace.stop();
    await rename(path.join(root, 'open'), path.join(home, 'open'));

    await expect(start('home/a')).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      detail: { problem: 'cluster-not-reachable', cluster: elsewhere.home },
    });
    await expect(start('home/open')).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      detail: { problem: 'cluster-not-reachable', cluster: path.join(home, 'open') },
    });
    servers = [];
  });

  it('copies the programs once to where PostgreSQL can reach them', async () => {
    const { native, version } = await postgresPackage();
    const hidden = path.join(home, 'native');
    await cp(native, hidden, { recursive: true, verbatimSymlinks: true });
    const options = { package: { native: hidden, version } };

    const [first, second] = await Promise.all([startExisting('a', options), startExisting('b', options)]);

    const copy = `postgresql-${version}-${process.platform}-${process.arch}`;
    expect(await readdir(path.join(root, 'cache'))).toEqual([copy]);
    for (const server of [first, second]) {
      const [program] = (await readFile(`/proc/${server.pid}/cmdline`, 'utf8')).split('\0');
      expect(program).toBe(path.join(root, 'cache', copy, 'bin', 'postgres'));
    }
  });
});
