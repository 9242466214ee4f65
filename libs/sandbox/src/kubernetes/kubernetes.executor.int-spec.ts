import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { digestOf } from '@envarium/oci';
import { FakeKubernetes, type FakePod } from '@envarium/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BuildJob, Executor, Limits, RunJob, StandInAnswers } from '../executor.js';
import { KubernetesApi } from './kubernetes-api.js';
import { KubernetesExecutor } from './kubernetes.executor.js';
import { runPodJob } from './pod-program.js';

const LIMITS: Limits = {
  wallSeconds: 60,
  memoryBytes: 1024 ** 3,
  processes: 100,
  diskBytes: 1024 ** 3,
  cpus: 1,
  logBytes: 1024 ** 2,
};
const CANARY = { attempts: { dns: 'refused', tcp: 'refused', udp: 'refused', ipv6: 'refused' } } as const;
const DONE = {
  exitCode: 0,
  endedBy: 'itself',
  usage: { wallMs: 5, peakMemoryBytes: null, cpuMs: null },
  canary: CANARY,
} as const;

/** Stands for the executor of a pod: walls are tested where they are built, here it only has to do something visible. */
const inPod: Executor = {
  id: 'buildah',
  probe: async () => ({
    isUsable: true,
    reason: null,
    isolation: 'namespaces',
    limits: new Set(['memory', 'wall'] as const),
    isNetworkOff: true,
    canPinClock: true,
    platforms: ['linux/amd64'],
    builder: { name: 'buildah', version: '1.28.2', runtime: 'runc 1.1.5' },
  }),
  refuses: () => null,
  build: async (job, sink) => {
    sink.line('stdout', `STEP 1: ${(await readFile(job.dockerfile, 'utf8')).trim()}`);
    sink.line('note', `${job.internet.kind}, ${(await readdir(job.context)).join()}`);
    const [base] = job.bases;
    if (base === undefined) return { ...DONE, exitCode: 125, image: null };
    await cp(base.image.layout, path.join(job.directory, 'built'), { recursive: true });
    return { ...DONE, image: { layout: path.join(job.directory, 'built'), digest: base.image.digest } };
  },
  run: async (job, sink) => {
    const [mount] = job.mounts;
    const child = spawn('/bin/sh', ['-c', job.command], { cwd: mount?.source, env: { ...job.environment } });
    const lines = createInterface(child.stdout);
    lines.on('line', (line) => sink.line('stdout', line));
    const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { ...DONE, exitCode };
  },
  programFiles: async () => [],
};

describe('sandbox/kubernetes/kubernetes.executor', () => {
  let directory: string;
  let cluster: FakeKubernetes;
  let lines: string[];
  /** What the node does with a pod; as a healthy one does, unless a test says otherwise. */
  let node: (pod: FakePod) => Promise<void>;
  const sink = { line: (stream: string, text: string) => void lines.push(`${stream}: ${text}`) };
  const never = new AbortController().signal;

  /** Until the executor has looked at the pod and watches it. */
  const seen = async (): Promise<void> => {
    while (!cluster.requests.some((line) => line.endsWith('?watch')))
      await new Promise((resolve) => setTimeout(resolve, 1));
  };
  const places = (pod: FakePod) => {
    const at = (name: string): string => path.join(directory, 'volume', pod.job, name);
    return {
      input: at('in'),
      output: at('out'),
      scratch: path.join(directory, 'scratch'),
      socket: '/none',
      account: path.join(directory, 'account'),
    };
  };
  const healthy = async (pod: FakePod): Promise<void> => {
    pod.running();
    await runPodJob(inPod, (line) => pod.log(line.trimEnd()), pod.killed.signal, places(pod));
    pod.ended(0);
  };
  const executor = (startSeconds = 30): KubernetesExecutor =>
    new KubernetesExecutor(
      new KubernetesApi({
        server: cluster.url,
        ca: null,
        token: async () => 'the-token',
        timeouts: { retry: 1 },
      }),
      {
        namespace: 'envarium-jobs',
        image: `registry.example.org/envarium/builder@sha256:${'a'.repeat(64)}`,
        command: ['node', '/envarium/pod.js'],
        standInCommand: ['node', '/envarium/stand-in.js'],
        claim: 'envarium-jobs',
        volume: path.join(directory, 'volume'),
        runtimeClass: null,
        platform: 'linux/amd64',
        nodeSelector: {},
        startSeconds,
      },
      1,
    );

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-kubernetes-'));
    await mkdir(path.join(directory, 'volume'));
    lines = [];
    node = healthy;
    cluster = await FakeKubernetes.start(async (pod) => await node(pod));
  });

  afterEach(async () => {
    await cluster.stop();
    await rm(directory, { recursive: true });
  });

  /** Nothing of a job is left, in the cluster or on the volume, and no pod ever began before its policy stood. */
  const expectTidy = async (): Promise<void> => {
    expect({ jobs: [...cluster.jobs], policies: [...cluster.policies], pods: [...cluster.pods] }).toEqual({
      jobs: [],
      policies: [],
      pods: [],
    });
    expect(await readdir(path.join(directory, 'volume'))).toEqual([]);
    expect(cluster.exposed).toEqual([]);
  };

  const runJob = (command: string): RunJob => ({
    directory: path.join(directory, 'job'),
    image: { layout: path.join(directory, 'base'), digest: digestOf(Buffer.from('manifest')) },
    command,
    workingDirectory: null,
    environment: { NAME: 'ana' },
    mounts: [{ source: path.join(directory, 'results'), target: '/results', isWritable: true }],
    clock: { kind: 'host' },
    limits: LIMITS,
  });

  async function prepare(): Promise<void> {
    const hex = digestOf(Buffer.from('manifest')).slice('sha256:'.length);
    await mkdir(path.join(directory, 'base/blobs/sha256'), { recursive: true });
    await writeFile(path.join(directory, 'base/oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    await writeFile(path.join(directory, 'base/index.json'), '{"schemaVersion":2,"manifests":[]}');
    await writeFile(path.join(directory, 'base/blobs/sha256', hex), 'manifest');
    await mkdir(path.join(directory, 'context'));
    await writeFile(path.join(directory, 'context/analysis.py'), 'print(1)');
    await writeFile(path.join(directory, 'Dockerfile'), 'FROM base');
    await mkdir(path.join(directory, 'results'));
    await mkdir(path.join(directory, 'job'));
  }

  const buildJob = (over: Partial<BuildJob> = {}): BuildJob => ({
    directory: path.join(directory, 'job'),
    context: path.join(directory, 'context'),
    dockerfile: path.join(directory, 'Dockerfile'),
    bases: [
      {
        reference: 'base',
        image: { layout: path.join(directory, 'base'), digest: digestOf(Buffer.from('manifest')) },
      },
    ],
    internet: { kind: 'off' },
    clock: { kind: 'pinned', at: new Date('2026-01-02T03:04:05Z') },
    epoch: 1_700_000_000,
    platform: 'linux/amd64',
    limits: LIMITS,
    ...over,
  });

  it('builds in a pod without a network and brings image, log and canary home', async () => {
    await prepare();

    const outcome = await executor().build(buildJob(), sink, never);

    const image = { layout: path.join(directory, 'job/image'), digest: digestOf(Buffer.from('manifest')) };
    expect(outcome).toEqual({ ...DONE, image });
    expect(await readFile(path.join(image.layout, 'blobs/sha256', image.digest.slice(7)), 'utf8')).toBe('manifest');
    expect(lines).toEqual(['stdout: STEP 1: FROM base', 'note: off, analysis.py']);
    await expectTidy();
  });

  describe('with a stand-in', () => {
    const standIn = (answers: StandInAnswers | null): BuildJob =>
      buildJob({
        internet: {
          kind: 'stand-in',
          socket: '/none',
          authority: { certificate: 'C', key: 'K' },
          ports: [80],
          answers,
        },
      });
    /** The program beside the builder: it has the closure, and says once what it was asked for. */
    const saying = (account: string) => async (pod: FakePod) => {
      const listener = createServer((connection) => connection.end(account)).listen(path.join(directory, 'account'));
      lines.push(`closure: ${(await readdir(path.join(directory, 'volume', pod.job, 'closure'))).join()}`);
      await healthy(pod);
      listener.close();
    };
    const write = async (closure: string): Promise<void> => await writeFile(path.join(closure, 'exchanges.jsonl'), '');

    it('gives its answers to the pod as files, and brings home what it was asked for', async () => {
      await prepare();
      node = saying('{"hits":3}');
      const told: unknown[] = [];

      const outcome = await executor().build(standIn({ write, told: (account) => told.push(account) }), sink, never);

      expect(outcome).toMatchObject(DONE);
      expect(told).toEqual([{ hits: 3 }]);
      expect(lines).toEqual(expect.arrayContaining(['closure: exchanges.jsonl', 'note: stand-in, analysis.py']));
      await expectTidy();
    });

    it('takes nothing where it says nothing', async () => {
      await prepare();
      node = saying('nonsense');
      const told = (account: unknown): never => expect.fail(`told ${String(account)}`);

      await expect(executor().build(standIn({ write, told }), sink, never)).rejects.toThrow('told null');
      await expectTidy();
    });

    it('refuses one that nothing gives the answers of', async () => {
      await prepare();

      await expect(executor().build(standIn(null), sink, never)).rejects.toMatchObject({
        code: 'EXECUTOR_UNAVAILABLE',
        detail: { reason: expect.stringMatching(/a pod reaches no recorder/) },
      });
      expect(cluster.requests).toEqual([]);
    });
  });

  it('runs a command and brings back what it wrote where it may write, links as links', async () => {
    await prepare();

    const outcome = await executor().run(
      runJob('echo "hello $NAME"; echo 42 > figure; ln -s /etc/passwd out'),
      sink,
      never,
    );

    expect(outcome).toEqual(DONE);
    expect(lines).toEqual(['stdout: hello ana']);
    expect(await readFile(path.join(directory, 'results/figure'), 'utf8')).toBe('42\n');
    expect(
      (await readdir(path.join(directory, 'results'), { withFileTypes: true }))
        .find(({ name }) => name === 'out')
        ?.isSymbolicLink(),
    ).toBe(true);
    await expectTidy();
  });

  it('tells of an exit code that is not 0 as an outcome', async () => {
    await prepare();

    expect(await executor().run(runJob('exit 7'), sink, never)).toMatchObject({ exitCode: 7, endedBy: 'itself' });
  });

  it.each([
    ['memory', async (pod: FakePod) => (pod.running(), pod.ended(137, 'OOMKilled')), 'memory', 137],
    ['time', async (pod: FakePod) => (pod.running(), cluster.expire(pod.job)), 'wall', null],
    [
      'disk',
      async (pod: FakePod) => {
        pod.running();
        pod.set({
          phase: 'Failed',
          reason: 'Evicted',
          message: 'Usage of EmptyDir volume "scratch" exceeds the limit "1Gi".',
        });
      },
      'disk',
      null,
    ],
  ] as const)(
    'says that a job used too much %s, and takes nothing of what it left',
    async (_, end, endedBy, exitCode) => {
      await prepare();
      node = async (pod) => await end(pod);

      const outcome = await executor().build(buildJob(), sink, never);

      expect(outcome).toMatchObject({ endedBy, exitCode, image: null, canary: null });
      await expectTidy();
    },
  );

  it.each([
    [
      'evicted for others',
      async (pod: FakePod) => pod.set({ phase: 'Failed', reason: 'Evicted', message: 'low on memory' }),
      /Evicted: low on memory/,
    ],
    [
      'without its image',
      async (pod: FakePod) =>
        pod.set({ containerStatuses: [{ name: 'builder', state: { waiting: { reason: 'ErrImagePull' } } }] }),
      /ErrImagePull/,
    ],
    [
      'deleted by somebody',
      async (pod: FakePod) => (pod.running(), await seen(), cluster.removePods(pod.job)),
      /the pod is gone/,
    ],
    [
      'whose job was deleted',
      async (pod: FakePod) => (pod.running(), cluster.jobs.delete(pod.job), cluster.removePods(pod.job)),
      /took the job away/,
    ],
    ['that ends without a word', async (pod: FakePod) => (pod.running(), pod.ended(1)), /without an outcome/],
  ] as const)('is unavailable, with the reason, for a pod %s', async (_, fate, reason) => {
    await prepare();
    node = async (pod) => await fate(pod);

    await expect(executor().run(runJob('true'), sink, never)).rejects.toMatchObject({
      code: 'EXECUTOR_UNAVAILABLE',
      detail: { reason: expect.stringMatching(reason) },
    });
    cluster.policies.clear(); // The garbage collector of the cluster takes what a foreign hand orphaned.
    await expectTidy();
  });

  it('gives up on a pod that finds no place, with what the scheduler says', async () => {
    await prepare();
    node = async (pod) =>
      pod.set({
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' }],
      });

    await expect(executor(0).run(runJob('true'), sink, never)).rejects.toMatchObject({
      detail: { reason: 'the pod does not start: Unschedulable: 0/3 nodes' },
    });
    await expectTidy();
  });

  it('loses no line and tells none twice when watch and log are cut', async () => {
    await prepare();
    node = async (pod) => {
      pod.running();
      for (let seq = 0; seq < 20; seq++) {
        pod.log(JSON.stringify({ seq, stream: 'stdout', text: String(seq) }));
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (seq % 5 === 4) cluster.cut();
      }
      await runPodJob(inPod, () => {}, pod.killed.signal, places(pod));
      pod.ended(0);
    };

    await executor().run(runJob('true'), sink, never);

    expect(lines).toEqual(Array.from({ length: 20 }, (_, seq) => `stdout: ${seq}`));
  });

  it.each([
    ['the server is busy', { request: /^POST .*\/jobs$/, status: 429 }],
    ['the answer to a creation that was done gets lost', { request: /^POST .*\/jobs$/, status: 503, isDone: true }],
    ['a list fails', { request: /^GET .*\/pods$/, status: 500 }],
    ['the version of a watch is too old', { request: /\?watch$/, status: 410 }],
  ])('goes on when %s', async (_, fault) => {
    await prepare();
    cluster.faults.push(fault);

    expect(await executor().run(runJob('true'), sink, never)).toEqual(DONE);
    expect(cluster.faults).toEqual([]);
    await expectTidy();
  });

  it('starts no pod where the policy cannot be made', async () => {
    await prepare();
    cluster.forbidden.add('POST networkpolicies');

    await expect(executor().run(runJob('true'), sink, never)).rejects.toMatchObject({
      code: 'EXECUTOR_UNAVAILABLE',
      detail: { status: 403, reason: 'User cannot POST networkpolicies' },
    });
    expect(cluster.requests.filter((line) => line.startsWith('PATCH'))).toEqual([]);
    await expectTidy();
  });

  it('ends the pod when it is cancelled, and that is an outcome', async () => {
    await prepare();
    const stop = new AbortController();
    const killed = new Promise<void>((resolve) => {
      node = async (pod) => {
        pod.killed.signal.addEventListener('abort', () => resolve());
        pod.running();
        stop.abort(new Error('cancelled by ana'));
      };
    });

    const outcome = await executor().run(runJob('sleep 1000'), sink, stop.signal);

    expect(outcome).toMatchObject({ endedBy: 'cancelled', exitCode: null });
    await killed;
    await expectTidy();
  });

  it('takes no image whose bytes are others, nor one that leads elsewhere by a link', async () => {
    await prepare();
    const tampering = (tamper: (image: string) => Promise<void>) => async (pod: FakePod) => {
      pod.running();
      await runPodJob(inPod, () => {}, pod.killed.signal, places(pod));
      await tamper(path.join(places(pod).output, 'image'));
      pod.ended(0);
    };
    const blob = (image: string): string =>
      path.join(image, 'blobs/sha256', digestOf(Buffer.from('manifest')).slice('sha256:'.length));

    node = tampering(async (image) => await writeFile(blob(image), 'Manifest'));
    await expect(executor().build(buildJob(), sink, never)).rejects.toMatchObject({
      code: 'LAYER_INVALID',
      detail: { reason: 'digest' },
    });

    await rm(path.join(directory, 'job/image'), { recursive: true });
    node = tampering(async (image) => {
      await rm(blob(image));
      await symlink('/etc/passwd', blob(image));
    });
    await expect(executor().build(buildJob(), sink, never)).rejects.toMatchObject({
      code: 'LAYER_INVALID',
      detail: { reason: 'not-a-blob' },
    });

    await rm(path.join(directory, 'job/image'), { recursive: true });
    node = tampering(async (image) => {
      await rename(image, path.join(directory, 'elsewhere'));
      await symlink(path.join(directory, 'elsewhere'), image);
    });
    await expect(executor().build(buildJob(), sink, never)).rejects.toMatchObject({
      code: 'LAYER_INVALID',
      detail: { reason: 'not-a-directory' },
    });
    await expectTidy();
  });

  it('finds out by a pod what it can do, and by asking what it may not', async () => {
    expect(await executor().probe()).toEqual({
      isUsable: true,
      reason: null,
      isolation: 'user-namespaces',
      limits: new Set(['memory', 'wall']),
      isNetworkOff: true,
      canPinClock: true,
      platforms: ['linux/amd64'],
      builder: { name: 'buildah', version: '1.28.2', runtime: 'runc 1.1.5' },
    });

    cluster.forbidden.add('create jobs');
    cluster.forbidden.add('get pods');
    expect(await executor().probe()).toMatchObject({
      isUsable: false,
      reason: 'the service account may not: create jobs, get pods/log',
    });
    await expectTidy();
  });

  it('takes away what a process left that died, and nothing else', async () => {
    const [old, young, foreign] = ['a', 'b'].map((digit) => `envarium-${digit.repeat(20)}`).concat('notes');
    for (const name of [old, young, foreign]) await mkdir(path.join(directory, 'volume', name ?? ''));
    for (const name of [old, foreign]) await utimes(path.join(directory, 'volume', name ?? ''), 0, 0);
    const spec = { suspend: true, template: { spec: {} } };
    for (const name of [old ?? '', young ?? '']) {
      cluster.jobs.set(name, { uid: name, body: { metadata: { name, labels: {} }, spec }, status: {} });
    }

    await executor().probe();

    expect([...cluster.jobs.keys()]).toEqual([young]);
    expect((await readdir(path.join(directory, 'volume'))).sort()).toEqual([young, foreign]);
  });

  it('says that no cluster answers', async () => {
    const gone = executor();
    await cluster.stop();

    expect(await gone.probe()).toMatchObject({ isUsable: false, reason: expect.stringMatching(/ECONNREFUSED/) });
    cluster = await FakeKubernetes.start(async () => {});
  });
});
