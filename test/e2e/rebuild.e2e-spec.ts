import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { JobRunner } from '@envarium/jobs';
import { digestOf } from '@envarium/oci';
import { Job, Receipt } from '@envarium/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openExecutors } from '../../libs/sandbox/src/open-executors.js';
import { nativePlatform } from '../../libs/sandbox/src/platform.js';
import { compiledDirectory } from '../../libs/sandbox/src/programs.js';
import { writeTinyImage } from '../../libs/sandbox/src/tiny-image.js';
import { CliSetting } from './cli-harness.js';

const DATA = 'x,y\n1,2.5\n2,3.5\n';
const COMMAND = 'cat data.csv script.sh > table.csv';
const DOI = '10.5555/envarium.rebuild';

const reason = await whyNot();

async function whyNot(): Promise<string | null> {
  if (!existsSync(path.join(compiledDirectory(), 'cell/main.js'))) return 'npm run build';
  const [executor] = await openExecutors({ scratch: tmpdir() });
  if (executor === undefined) return 'there is no executor';
  return (await executor.probe()).reason;
}

describe('e2e/rebuild', () => {
  if (reason !== null) {
    it(`SKIPPED: nothing can be built here: ${reason}`, ({ skip }) => skip());
    return;
  }
  let setting: CliSetting;
  let runner: JobRunner;
  let upstream: Server;
  let asked: string[];
  let address: string;

  beforeAll(async () => {
    asked = [];
    upstream = createServer((request, response) => {
      asked.push(request.url ?? '');
      if (request.url === '/data.csv') response.end(DATA);
      else response.writeHead(404).end();
    });
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    address = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    setting = await CliSetting.start({
      ENVARIUM_OUTBOUND_ALLOW: address.slice('http://'.length),
      ENVARIUM_REBUILD_DISK: '512',
      ENVARIUM_REBUILD_MEMORY: '256',
      ENVARIUM_REBUILD_MINUTES: '1',
    });
    runner = (await setting.server.resolver()).get(JobRunner, { strict: false });
    for (const namespace of ['bases', 'lab']) await setting.admin('namespace', 'create', namespace);
    const layout = path.join(setting.work, 'base');
    await writeTinyImage(layout, ['cat', 'cp', 'find', 'mkdir', 'ln', 'sleep', 'dd'], nativePlatform());
    const empty = await mkdtemp(path.join(setting.work, 'empty-'));
    const deposited = await setting.admin('deposit', empty, '--record', 'bases/tiny', '--image', `oci:${layout}`);
    expect(deposited.stderr).not.toContain('error');
    await setting.admin('publish', 'bases/tiny@v1');
  });
  afterAll(async () => {
    await setting.stop();
    upstream.closeAllConnections();
    upstream.close();
  });

  async function publish(record: string, dockerfile: string): Promise<void> {
    const directory = await mkdtemp(path.join(setting.work, 'deposit-'));
    await writeFile(path.join(directory, 'Dockerfile'), dockerfile);
    await writeFile(path.join(directory, 'script.sh'), 'echo done\n');
    const { code, stderr } = await setting.admin('deposit', directory, '--all', '--record', record);
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    expect((await setting.admin('publish', `${record}@v1`, '--accept-secrets')).code).toBe(0);
  }

  /** Asks for a job and does the work. */
  async function job(reference: string, request: object): Promise<Job> {
    const route = `versions/${encodeURIComponent(reference)}/jobs`;
    const { body } = await setting.server.admin.post(route, request).expect(202);
    const { id } = Job.parse(body);
    await runner.drain();
    const { body: ended } = await setting.server.admin.get(`jobs/${id}`).expect(200);
    return Job.parse(ended);
  }

  async function receipts(reference: string): Promise<Receipt[]> {
    const { body } = await setting.server.admin.get(`versions/${encodeURIComponent(reference)}/receipts`).expect(200);
    return z.object({ items: z.array(Receipt) }).parse(body).items;
  }

  const recipe = () =>
    [
      'FROM bases/tiny:v1',
      `ADD ${address}/data.csv /work/data.csv`,
      'WORKDIR /work',
      'RUN cat data.csv > copy.csv',
      '',
    ].join('\n');

  /** The file in the store that holds these bytes. */
  function blobFile(bytes: string): string {
    const hex = digestOf(Buffer.from(bytes)).slice('sha256:'.length);
    return path.join(setting.server.dataDir, 'store/blobs/sha256', hex.slice(0, 2), hex);
  }

  it('records once, rebuilds twice with the network off, and signs both', async () => {
    await publish('lab/plain', recipe());

    const rehearsed = await job('lab/plain@v1', { kind: 'rehearse' });

    expect(rehearsed.problem).toBeNull();
    expect([rehearsed.outcome, rehearsed.result?.grade]).toEqual(['ready', 'identical']);
    expect(asked).toEqual(['/data.csv']);
    const signed = await receipts('lab/plain@v1');
    expect(signed.map(({ kind, outcome, isProof }) => [kind, outcome, isProof])).toEqual([
      ['rebuild', 'identical', true],
      ['rebuild', 'identical', true],
    ]);
  });

  it('leaves nothing behind', () => {
    const left = readdirSync(path.join(setting.server.dataDir, 'work/jobs'));

    expect(left).toEqual([]);
  });

  it('rebuilds without asking anybody', async () => {
    asked = [];

    const rebuilt = await job('lab/plain@v1', { kind: 'rebuild' });

    expect([rebuilt.outcome, rebuilt.result?.grade, asked]).toEqual(['ready', 'identical', []]);
  });

  it('offers the proven rebuild as a route', async () => {
    const { body } = await setting.server.admin.get('versions/lab%2Fplain@v1/resolution').expect(200);

    const { routes } = z.object({ routes: z.array(z.object({ kind: z.string(), grade: z.string() })) }).parse(body);
    expect(routes.find(({ kind }) => kind === 'rebuild')).toEqual({ kind: 'rebuild', grade: 'identical' });
  });

  it('makes an output again, and says when it is another one', async () => {
    const route = 'versions/lab%2Fplain@v1/links';
    const made = Buffer.from(`${DATA}echo done\n`);
    const claims = [
      ['Figure 1', digestOf(made), made.length],
      ['Figure 2', digestOf(Buffer.from('another')), 7],
    ] as const;
    const runs: string[] = [];
    for (const [output, digest, size] of claims) {
      const files = [{ name: 'table.csv', digest, size }];
      const { body } = await setting.server.admin
        .post(route, { article: DOI, output, command: COMMAND, files })
        .expect(201);
      runs.push(z.object({ run: z.object({ id: z.string() }) }).parse(body).run.id);
    }

    const same = await job('lab/plain@v1', { kind: 'rerun', runId: runs[0] });
    const other = await job('lab/plain@v1', { kind: 'rerun', runId: runs[1] });

    expect([same.problem, same.outcome, same.result?.summary]).toEqual([
      null,
      'ready',
      '1 output made again in the archived image, byte for byte the same',
    ]);
    expect(other.outcome).toBe('diverged');
    const [second, first] = (await receipts('lab/plain@v1')).filter(({ kind }) => kind === 'rerun');
    expect([first?.outcome, second?.outcome]).toEqual(['identical', 'different']);
  });

  it('says which bytes of a closure are missing, refuses wrong ones, and takes right ones when it may', async () => {
    const file = blobFile(DATA);
    const whole = await readFile(file);
    await writeFile(file, Buffer.from(whole).fill('z', 0, 1));
    const flipped = await job('lab/plain@v1', { kind: 'rebuild' });
    await setting.server.sql(`UPDATE blob SET state = 'missing' WHERE digest = $1`, [digestOf(whole)]);
    const missing = await job('lab/plain@v1', { kind: 'rebuild' });
    const assisted = await job('lab/plain@v1', { kind: 'rebuild', assisted: true });

    expect([flipped.outcome, JSON.stringify(flipped.problem)]).toEqual([
      'closure-incomplete',
      expect.stringContaining(`${address}/data.csv`),
    ]);
    expect([missing.outcome, JSON.stringify(missing.problem)]).toEqual([
      'closure-incomplete',
      expect.stringContaining(`${address}/data.csv`),
    ]);
    expect([assisted.outcome, assisted.result?.grade]).toEqual(['ready', 'identical']);
    expect(await readFile(file, 'utf8')).toBe(DATA);
  });

  it.each([
    ['a base that is nowhere', 'FROM bases/unknown:v9\n', 'unsupported', 'BASE_UNOBTAINABLE'],
    ['a remote frontend', '# syntax=docker/dockerfile:1\nFROM bases/tiny:v1\n', 'refused', 'RECIPE_REFUSED'],
    [
      'a secret',
      'FROM bases/tiny:v1\nENV AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzzzz\n',
      'refused',
      'RECIPE_REFUSED',
    ],
    ['no Dockerfile at all', 'nothing to build\n', 'unsupported', 'RECIPE_INVALID'],
    ['a step that fails', 'FROM bases/tiny:v1\nRUN exit 7\n', 'failed', 'BUILD_FAILED'],
    ['what cannot be fetched', 'FROM bases/tiny:v1\nADD http://nowhere.invalid/x /x\n', 'failed', 'BUILD_FAILED'],
    [
      'more disk than it may use',
      'FROM bases/tiny:v1\nRUN dd if=/dev/zero of=/big bs=1M count=2000\n',
      'failed',
      'BUILD_FAILED',
    ],
  ])('ends with a reason: %s', async (_, dockerfile, outcome, code) => {
    const record = `lab/bad-${code.toLowerCase().replaceAll('_', '-')}-${digestOf(Buffer.from(dockerfile)).slice(7, 15)}`;
    await publish(record, dockerfile);

    const ended = await job(`${record}@v1`, { kind: 'rehearse' });

    expect([ended.outcome, ended.problem?.code]).toEqual([outcome, code]);
  });
});
