import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { IngestRunner } from '@envarium/ingest';
import { FakeRegistry } from '@envarium/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CliSetting } from './cli-harness.js';
import { ADMIN_TOKEN, type TestServer } from './server-harness.js';

const CLI = path.resolve(import.meta.dirname, '../../dist/apps/cli/src/main.js');

describe('e2e/cli-ingest', () => {
  let fake: FakeRegistry;
  let setting: CliSetting;
  let server: TestServer;
  let runner: IngestRunner;

  beforeAll(async () => {
    fake = await FakeRegistry.start();
    setting = await CliSetting.start({ ENVARIUM_OUTBOUND_ALLOW: fake.host });
    ({ server } = setting);
    runner = (await server.resolver()).get(IngestRunner, { strict: false });
    await server.admin.post('namespaces', { name: 'lab' }).expect(201);
  });
  afterEach(() => fake.behave());
  afterAll(async () => {
    await setting.stop();
    await fake.stop();
  });

  const cli = (...args: string[]) => setting.admin(...args);
  const source = (tag: string): string => `docker://${fake.host}/a/eeg:${tag}`;
  /** The resolver beside the command. */
  const drainUntil = async <T>(command: Promise<T>): Promise<T> => {
    let isDone = false;
    const done = command.finally(() => {
      isDone = true;
    });
    while (!isDone) {
      await runner.drain();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return await done;
  };

  it('waits for the end and says what to do next', async () => {
    const { digest } = fake.addImage(randomBytes(1000), ['v1']);

    const { code, stdout, stderr } = await drainUntil(cli('ingest', source('v1'), 'lab/eeg'));

    expect(code, stderr).toBe(0);
    expect(stdout).toContain(`lab/eeg@${digest}`);
    expect(stdout).toContain('1 image manifest and 2 blobs');
    expect(stdout).toContain('envarium deposit . --record lab/eeg --image registry:v1');
  });

  it('prints one document', async () => {
    const { digest } = fake.addImage(randomBytes(1000), ['json']);

    const { code, stdout } = await drainUntil(cli('ingest', source('json'), 'lab/eeg', '--tag', 'v2', '--json'));

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'done', digest, tag: 'v2', repository: 'lab/eeg' });
  });

  it('detaches; the ingest can be listed, watched and cancelled', async () => {
    fake.addImage(randomBytes(1000), ['later']);
    const detached = await cli('ingest', source('later'), 'lab/later', '--detach', '--json');
    const { id, state } = JSON.parse(detached.stdout) as { id: string; state: string };
    expect([detached.code, state]).toEqual([0, 'queued']);
    expect((await cli('ingest', 'list', 'lab/later')).stdout).toContain(id);

    const watched = await drainUntil(cli('ingest', 'watch', id, '--json'));
    expect(JSON.parse(watched.stdout)).toMatchObject({ id, state: 'done' });

    const other = await cli('ingest', source('later'), 'lab/later', '--detach', '--json');
    const cancelled = await cli('ingest', 'cancel', (JSON.parse(other.stdout) as { id: string }).id, '--json');
    expect(JSON.parse(cancelled.stdout)).toMatchObject({ state: 'cancelled' });
    const end = await cli('ingest', 'watch', (JSON.parse(other.stdout) as { id: string }).id);
    expect([end.code, end.stderr]).toEqual([1, expect.stringContaining('the ingest was cancelled')]);
  });

  it.each<[string, number, string, () => void]>([
    ['what is not there', 3, 'UPSTREAM_UNKNOWN', () => {}],
    [
      'what may not be read',
      4,
      'UPSTREAM_DENIED',
      () => {
        fake.fault = (_request, response) => Boolean(response.writeHead(403).end());
      },
    ],
    [
      'other bytes',
      6,
      'DIGEST_INVALID',
      () => {
        fake.fault = (request, response) => {
          if (!request.url?.includes('/manifests/')) return false;
          const type = 'application/vnd.oci.image.manifest.v1+json';
          const headers = { 'Content-Type': type, 'Docker-Content-Digest': `sha256:${'1'.repeat(64)}` };
          return Boolean(response.writeHead(200, headers).end('{}'));
        };
      },
    ],
  ])('ends on %s with code %i', async (_title, code, problem, misbehave) => {
    misbehave();

    const failed = await drainUntil(cli('ingest', source('none'), 'lab/failed', '--json'));

    expect(failed.code).toBe(code);
    expect(JSON.parse(failed.stdout)).toMatchObject({
      error: { code: problem, detail: { ingest: expect.any(String) } },
    });
  });

  it.each([
    [['ingest', 'docker://registry.example.org/lab/eeg', 'Lab'], 2],
    [['ingest', 'docker://registry.example.org/lab/eeg'], 2],
    [['ingest', 'docker://registry.example.org/lab/eeg', 'lab/eeg', '--username', 'ana'], 2],
    [['ingest', 'docker://registry.example.org/lab/eeg', 'lab/eeg', '--password-stdin'], 2],
    [['ingest', 'docker://10.0.0.1/lab/eeg', 'lab/eeg'], 1],
    [['ingest', 'watch', 'nothing'], 3],
  ])('refuses %j with code %i', async (args, code) => {
    expect((await cli(...args)).code).toBe(code);
  });

  it('leaves the ingest alone when Ctrl-C ends the waiting, and takes the password from a pipe', async ({ skip }) => {
    if (!existsSync(CLI)) return skip('the program is not built; npm run build');
    const credentials = ['--username', 'ana', '--password-stdin'];
    const args = [CLI, 'ingest', source('v1'), 'lab/interrupted', ...credentials, '--server', server.url];
    const child = spawn(process.execPath, args, {
      env: { PATH: process.env['PATH'], ENVARIUM_TOKEN: ADMIN_TOKEN, HOME: server.dataDir },
    });
    child.stdin.end('the password\n');
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
    });
    // All that it said has come by then, unlike at its exit.
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const rows = async () =>
      await server.sql<{ id: string }>(
        `SELECT i.id FROM ingest i JOIN repository r ON r.id = i.repository_id
       WHERE r.name = 'lab/interrupted' AND i.state = 'queued' AND i.credentials IS NOT NULL`,
      );
    while (!stderr.includes('Ingest ')) await new Promise((resolve) => setTimeout(resolve, 20));

    child.kill('SIGINT');

    expect(await ended).toBe(1);
    const [left] = await rows();
    expect(stderr).toContain(`envarium ingest watch ${left?.id}`);
    expect(stderr).toContain(`envarium ingest cancel ${left?.id}`);
  });
});
