import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ArchiveError } from '@envarium/errors';
import { type JobEnd, JobHandlers, type JobHandler, JobRunner } from '@envarium/jobs';
import type { Job } from '@envarium/schema';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CliSetting, type Ran } from './cli-harness.js';
import { ADMIN_TOKEN, type TestServer } from './server-harness.js';

const CLI = path.resolve(import.meta.dirname, '../../dist/apps/cli/src/main.js');

const READY: JobEnd = {
  outcome: 'ready',
  problem: null,
  result: { grade: 'identical', summary: 'the same image', receipts: ['rcpt-1'], artifacts: [] },
};

describe('e2e/cli-jobs', () => {
  let setting: CliSetting;
  let server: TestServer;
  let runner: JobRunner;
  let work: JobHandler;

  beforeAll(async () => {
    setting = await CliSetting.start();
    ({ server } = setting);
    const context = await server.resolver();
    runner = context.get(JobRunner, { strict: false });
    const handlers = context.get(JobHandlers, { strict: false });
    for (const kind of ['rehearse', 'rebuild', 'rerun'] as const) {
      handlers.add(kind, async (job, jobContext) => await work(job, jobContext));
    }
    await server.admin.post('namespaces', { name: 'lab' }).expect(201);
    await server.admin.publish('lab/eeg', { 'requirements.txt': 'numpy==1.26.4\n' });
    for (const [output, command] of [
      ['Figure 3', 'python fig3.py'],
      ['Figure 4', 'python fig4.py'],
    ]) {
      await server.admin
        .post('versions/lab%2Feeg@v1/links', { article: '10.5555/12345678', output, command })
        .expect(201);
    }
  });
  beforeEach(() => {
    work = async () => READY;
  });
  afterAll(async () => await setting.stop());

  const cli = (...args: string[]): Promise<Ran> => setting.admin(...args);
  /** The resolver beside the command. */
  const drainUntil = async (command: Promise<Ran>): Promise<Ran> => {
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

  it('requests, follows, and says what came of it and what is next', async () => {
    work = async (_, { step, line }) => {
      await step('building');
      line('stdout', '\u001B[32mSTEP 1\u001B[0m');
      return READY;
    };

    const { code, stdout, stderr } = await drainUntil(cli('rebuild', 'lab/eeg@v1', '--log'));

    expect(code, stderr).toBe(0);
    expect(stdout).toContain('rebuild of lab/eeg@v1: ready');
    expect(stdout).toMatch(/grade +identical/);
    expect(stdout).toMatch(/receipts +rcpt-1/);
    expect(stdout).toContain('Next: envarium resolve lab/eeg@v1');
    expect(stderr).toContain('STEP 1\n');
  });

  it('repeats the run behind a figure, by its label or its identifier', async () => {
    const { items } = (await cli('what-ran', '10.5555/12345678', 'Figure 3', '--json')).document as {
      items: { run: { id: string } }[];
    };
    const run = items[0]?.run.id ?? '';

    for (const asked of ['figure  3', run]) {
      const { document } = await drainUntil(cli('rerun', 'lab/eeg@v1', asked, '--json'));
      expect(document).toMatchObject({ kind: 'rerun', runId: run, outcome: 'ready' });
    }
    expect((await cli('rerun', 'lab/eeg@v1', 'Figure 9')).code).toBe(3);
  });

  it('detaches; the job can be listed, watched, read and cancelled', async () => {
    work = async (_, { line }) => {
      line('stdout', 'one');
      line('stderr', 'two');
      return READY;
    };
    const { id, state } = (await cli('rehearse', 'lab/eeg@v1', '--detach', '--json')).document as Job;
    expect(state).toBe('queued');
    expect((await cli('jobs', 'list', 'lab/eeg')).stdout).toContain(id);

    expect((await drainUntil(cli('jobs', 'watch', id, '--json'))).document).toMatchObject({ id, outcome: 'ready' });
    expect((await cli('jobs', 'log', id)).stdout).toBe('one\ntwo\n');

    const other = (await cli('rehearse', 'lab/eeg@v1', '--detach', '--json')).document as Job;
    expect((await cli('jobs', 'cancel', other.id)).stdout).toContain('is cancelled');
    expect((await cli('jobs', 'watch', other.id)).code).toBe(14);
  });

  it.each<[string, number, JobHandler]>([
    ['another result', 10, async () => ({ ...READY, outcome: 'diverged' })],
    [
      'missing bytes',
      11,
      async () => {
        throw new ArchiveError('CLOSURE_INCOMPLETE', { missing: ['https://pypi.example.org/numpy'] });
      },
    ],
    [
      'a refusal',
      12,
      async () => {
        throw new ArchiveError('RECIPE_REFUSED', { line: 3 });
      },
    ],
    ['a failure', 13, async () => ({ outcome: 'failed', result: null, problem: null })],
  ])('ends on %s with code %i', async (_title, code, handler) => {
    work = handler;

    const failed = await drainUntil(cli('rebuild', 'lab/eeg@v1', '--json'));

    expect(failed.code).toBe(code);
    expect(failed.document).toMatchObject({ error: { exitCode: code, detail: { job: { state: 'ended' } } } });
  });

  it.each([
    [['rebuild'], 2],
    [['rebuild', 'lab/nothing@v1'], 3],
    [['jobs', 'watch', 'nothing'], 3],
    [['jobs', 'cancel', 'nothing'], 3],
  ])('refuses %j with code %i', async (args, code) => {
    expect((await cli(...args)).code).toBe(code);
  });

  it('lets a stranger watch, and read no log', async () => {
    const { id } = (await drainUntil(cli('rebuild', 'lab/eeg@v1', '--json'))).document as Job;

    expect((await setting.anonymous('jobs', 'watch', id)).stdout).toContain('ready');
    expect((await setting.anonymous('jobs', 'log', id)).code).toBe(4);
  });

  it('leaves the job alone when Ctrl-C ends the waiting', async ({ skip }) => {
    if (!existsSync(CLI)) return skip('the program is not built; npm run build');
    const child = spawn(process.execPath, [CLI, 'rehearse', 'lab/eeg@v1', '--server', server.url], {
      env: { PATH: process.env['PATH'], ENVARIUM_TOKEN: ADMIN_TOKEN, HOME: server.dataDir },
    });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
    });
    // All that it said has come by then, unlike at its exit.
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    while (!stderr.includes('Job ')) await new Promise((resolve) => setTimeout(resolve, 20));

    child.kill('SIGINT');

    expect(await ended).toBe(1);
    const [left] = await server.sql<{ id: string }>(`SELECT id FROM job WHERE state = 'queued'`);
    expect(stderr).toContain(`envarium jobs watch ${left?.id}`);
    expect(stderr).toContain(`envarium jobs cancel ${left?.id}`);
  });
});
