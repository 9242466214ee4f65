import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ReplayCounts, writeClosure } from '@envarium/closure';
import { JobRunner } from '@envarium/jobs';
import { type Exchange, Job, Receipt } from '@envarium/schema';
import { ExchangeDirectory, FakeKubernetes } from '@envarium/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { BuildOutcome } from '../../libs/sandbox/src/executor.js';
import type { KubernetesExecutor } from '../../libs/sandbox/src/kubernetes/kubernetes.executor.js';
import { openPodExecutor } from '../../libs/sandbox/src/open-executors.js';
import { nativePlatform } from '../../libs/sandbox/src/platform.js';
import { createAuthority } from '../../libs/sandbox/src/stand-in/authority.js';
import { writeTinyImage } from '../../libs/sandbox/src/tiny-image.js';
import { CliSetting } from './cli-harness.js';
import { openPodsHere, podsEnded, runPod } from './pod-node.js';

const PROGRAMS = path.resolve(import.meta.dirname, '../../dist/apps/resolver/src/pod');
const NETWORK_OFF = { attempts: { dns: 'refused', tcp: 'refused', udp: 'refused', ipv6: 'refused' } };
const MIB = 2 ** 20;

const reason = await whyNot();
if (reason !== null) {
  describe('a rebuild in a pod', () => {
    it(`SKIPPED: ${reason}`, ({ skip }) => skip());
  });
}

/*
 * The cluster is a server that keeps the rules of the API; its node is this test. What the containers run is the real
 * thing: the programs of the image, with the commands and mounts that the objects name, where there is no network.
 */
describe.skipIf(reason !== null)('a rebuild in a pod', () => {
  let directory: string;
  let cluster: FakeKubernetes;
  let executor: KubernetesExecutor;
  let bodies: ExchangeDirectory;
  let builds = 0;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-pod-'));
    await mkdir(path.join(directory, 'context'));
    bodies = await ExchangeDirectory.create();
    cluster = await FakeKubernetes.start(async (pod) => await runPod(pod, directory));
    executor = await openPodsHere(cluster, directory);
  });

  afterAll(async () => {
    await cluster.stop();
    await podsEnded();
    await bodies.remove();
    await rm(directory, { recursive: true, force: true });
  });

  const recorded = async (url: string, text: string): Promise<Exchange> => ({
    method: 'GET',
    url,
    request: {},
    requestDigest: null,
    status: 200,
    headers: { 'content-type': 'text/plain' },
    ...(await bodies.put(chunksOf(text))),
  });

  async function rebuild(
    recipe: string,
    exchanges: readonly Exchange[],
  ): Promise<{ outcome: BuildOutcome; counts: ReplayCounts | null; lines: string[] }> {
    const work = path.join(directory, `job-${(builds += 1)}`);
    await mkdir(work);
    const dockerfile = path.join(directory, 'Dockerfile');
    await writeFile(dockerfile, `FROM base\n${recipe}\n`);
    const image = await writeTinyImage(path.join(directory, `base-${builds}`), ['cat'], nativePlatform());
    let counts: ReplayCounts | null = null;
    const lines: string[] = [];
    const outcome = await executor.build(
      {
        directory: work,
        context: path.join(directory, 'context'),
        dockerfile,
        bases: [{ reference: 'base', image }],
        internet: {
          kind: 'stand-in',
          socket: '/none',
          authority: await createAuthority(),
          ports: [80, 443],
          answers: {
            write: async (to) => await writeClosure(to, { exchanges, store: bodies }, AbortSignal.timeout(60_000)),
            told: (account) => (counts = ReplayCounts.parse(account)),
          },
        },
        clock: { kind: 'pinned', at: new Date('2026-01-02T03:04:05Z') },
        epoch: 1_767_323_045,
        platform: nativePlatform(),
        limits: {
          wallSeconds: 60,
          memoryBytes: 512 * MIB,
          processes: 64,
          diskBytes: 512 * MIB,
          cpus: 1,
          logBytes: MIB,
        },
      },
      { line: (_stream, text) => void lines.push(text) },
      new AbortController().signal,
    );
    return { outcome, counts, lines };
  }

  it('says by a pod what the node can do', async () => {
    expect(await executor.probe()).toMatchObject({
      isUsable: true,
      isNetworkOff: true,
      isolation: 'vm',
      platforms: [nativePlatform()],
    });
  });

  it('gives the same image twice, from what was recorded and nothing else, and says that nothing was missing', async () => {
    const exchanges = [await recorded('https://packages.example.org/numbers-1.0.txt', 'one two three\n')];
    const recipe = 'ADD https://packages.example.org/numbers-1.0.txt /numbers\nRUN cat /numbers';

    const first = await rebuild(recipe, exchanges);
    const second = await rebuild(recipe, exchanges);

    expect(first.outcome).toMatchObject({ exitCode: 0, endedBy: 'itself', canary: NETWORK_OFF });
    expect(first.lines).toContain('one two three');
    expect(first.counts).toEqual({ hits: expect.any(Number), misses: [], damaged: [], fetched: [] });
    expect(first.counts?.hits).toBeGreaterThan(0);
    expect(second.outcome.image?.digest).toBe(first.outcome.image?.digest);
    expect(await readdir(path.join(directory, 'volume'))).toEqual([]);
    expect([...cluster.jobs, ...cluster.policies, ...cluster.pods]).toEqual([]);
    expect(cluster.exposed).toEqual([]);
  });

  it('says what was asked for and not recorded, and gives no image', async () => {
    const { outcome, counts } = await rebuild('ADD https://packages.example.org/letters.txt /letters', []);

    expect(outcome).toMatchObject({ endedBy: 'itself', image: null });
    expect(counts?.misses).toMatchObject([{ url: 'https://packages.example.org/letters.txt' }]);
  });

  it.each([
    ['gone', async (digest: string) => await bodies.lose(digest), 'missing'],
    ['another', async (digest: string) => await bodies.flip(digest), 'wrong'],
  ])('says which recorded byte is %s', async (_, damage, told) => {
    const url = `https://packages.example.org/${told}.txt`;
    const exchange = await recorded(url, `these bytes will be ${told}\n`);
    await damage(exchange.digest ?? '');

    const { outcome, counts } = await rebuild(`ADD ${url} /bytes`, [exchange]);

    expect(outcome.image).toBeNull();
    expect(counts?.damaged).toEqual([{ url, digest: exchange.digest, reason: told }]);
  });
});

describe.skipIf(reason !== null)('an archive with a cluster', () => {
  let directory: string;
  let cluster: FakeKubernetes;
  let setting: CliSetting;
  let runner: JobRunner;
  let upstream: Server;
  let upstreamAddress: string;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-cluster-'));
    const volume = path.join(directory, 'volume');
    await mkdir(volume);
    cluster = await FakeKubernetes.start(async (pod) => await runPod(pod, directory, volume));
    upstream = createServer((_, response) => response.end('x,y\n1,2.5\n'));
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    upstreamAddress = `127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    // As `kubectl proxy` listens: without a token.
    cluster.isOpen = true;
    setting = await CliSetting.start({
      ENVARIUM_OUTBOUND_ALLOW: upstreamAddress,
      ENVARIUM_REBUILD_DISK: '512',
      ENVARIUM_REBUILD_MEMORY: '256',
      ENVARIUM_REBUILD_MINUTES: '1',
      ENVARIUM_KUBERNETES_API: cluster.url.href,
      ENVARIUM_KUBERNETES_IMAGE: `registry.example.org/envarium/builder@sha256:${'a'.repeat(64)}`,
      ENVARIUM_KUBERNETES_VOLUME: volume,
      ENVARIUM_KUBERNETES_PLATFORM: nativePlatform(),
    });
    runner = (await setting.server.resolver()).get(JobRunner, { strict: false });
    for (const namespace of ['bases', 'lab']) await setting.admin('namespace', 'create', namespace);
    const layout = path.join(setting.work, 'base');
    await writeTinyImage(layout, ['cat'], nativePlatform());
    const empty = await mkdtemp(path.join(setting.work, 'empty-'));
    await setting.admin('deposit', empty, '--record', 'bases/tiny', '--image', `oci:${layout}`);
    await setting.admin('publish', 'bases/tiny@v1');
  });

  afterAll(async () => {
    await setting.stop();
    await cluster.stop();
    await podsEnded();
    upstream.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('records on this machine, rebuilds in the cluster, and proves it', async () => {
    const deposit = await mkdtemp(path.join(setting.work, 'deposit-'));
    const recipe = `FROM bases/tiny:v1\nADD http://${upstreamAddress}/data.csv /data.csv\nRUN cat /data.csv > /copy.csv\n`;
    await writeFile(path.join(deposit, 'Dockerfile'), recipe);
    await setting.admin('deposit', deposit, '--all', '--record', 'lab/clustered');
    await setting.admin('publish', 'lab/clustered@v1');

    const route = `versions/${encodeURIComponent('lab/clustered@v1')}`;
    const asked = await setting.server.admin.post(`${route}/jobs`, { kind: 'rehearse' }).expect(202);
    await runner.drain();

    const { id } = Job.parse(asked.body);
    const job = Job.parse((await setting.server.admin.get(`jobs/${id}`).expect(200)).body);
    expect(job.problem).toBeNull();
    expect([job.outcome, job.result?.grade]).toEqual(['ready', 'identical']);
    const { body } = await setting.server.admin.get(`${route}/receipts`).expect(200);
    const { items } = z.object({ items: z.array(Receipt) }).parse(body);
    expect(items.map(({ kind, isProof }) => [kind, isProof])).toEqual([
      ['rebuild', true],
      ['rebuild', true],
    ]);
    // One pod that tried the node out, and one for each rebuild.
    expect(cluster.requests.filter((line) => /^POST .*\/jobs$/.test(line))).toHaveLength(3);
    expect([...cluster.jobs, ...cluster.pods, ...(await readdir(path.join(directory, 'volume')))]).toEqual([]);
  });
});

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function whyNot(): Promise<string | null> {
  if (!existsSync(path.join(PROGRAMS, 'build.js'))) return 'the programs of a pod are not built; npm run build';
  const scratch = await mkdtemp(path.join(tmpdir(), 'envarium-pod-probe-'));
  try {
    const { isUsable, reason: lack } = await openPodExecutor(scratch).probe();
    return isUsable ? null : `nothing builds on this machine: ${lack}`;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
