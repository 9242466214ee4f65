import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FakeKubernetes, FakePod } from '@envarium/testing';
import { KubernetesApi } from '../../libs/sandbox/src/kubernetes/kubernetes-api.js';
import { KubernetesExecutor } from '../../libs/sandbox/src/kubernetes/kubernetes.executor.js';
import { nativePlatform } from '../../libs/sandbox/src/platform.js';

/** Between the two signals that end a container: `terminationGracePeriodSeconds` of the pod. */
const GRACE_MS = 5000;
/** What stands for `/app` of the image of a pod. */
const ROOT = path.resolve(import.meta.dirname, '../..');

interface Container {
  readonly name: string;
  readonly command: readonly string[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly subPath?: string }[];
}

/** Pods that were begun here and have not ended. */
const running = new Set<Promise<void>>();

/** Resolves when no pod runs any more: one that was killed still writes for a moment. */
export async function podsEnded(): Promise<void> {
  await Promise.allSettled(running);
}

/**
 * Does what a node does with a pod: volumes, the container beside the builder, the builder, and the end of both. The programs
 * are the real ones, with the commands and mounts that the objects name, and have no network.
 *
 * @param directory of the node
 * @param volume what the claim stands for
 */
export async function runPod(pod: FakePod, directory: string, volume = volumeOf(directory)): Promise<void> {
  const run = playPod(pod, directory, volume);
  running.add(run);
  await run.finally(() => running.delete(run));
}

async function playPod(pod: FakePod, directory: string, volume: string): Promise<void> {
  const node = await mkdtemp(path.join(directory, 'node-'));
  const { initContainers, containers } = pod.spec as Record<'initContainers' | 'containers', Container[]>;
  const hostPath = ({ name, subPath }: Container['volumeMounts'][number]): string =>
    name === 'work' ? path.join(volume, subPath ?? '') : path.join(node, name);
  for (const name of ['scratch', 'tmp', 'sockets']) await mkdir(path.join(node, name));
  const start = ({ command, volumeMounts }: Container): ChildProcess => {
    const mounted = command.map((word) => {
      const mount = volumeMounts.find(({ mountPath }) => word === mountPath || word.startsWith(`${mountPath}/`));
      if (mount !== undefined) return path.join(hostPath(mount), word.slice(mount.mountPath.length));
      return word === 'node' ? process.execPath : word.replace('/app', ROOT);
    });
    return spawn('unshare', ['--net', '--', ...mounted], {
      env: { TMPDIR: path.join(node, 'tmp') },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  };
  const beside = initContainers.map(start);
  const sockets = path.join(node, 'sockets/account.sock');
  for (let tries = 0; beside.length > 0 && !existsSync(sockets) && tries < 300; tries += 1) await sleep(50);
  pod.running();
  const [builder] = containers.map(start);
  if (builder?.stdout == null) throw new Error('a pod without a builder');
  createInterface(builder.stdout).on('line', (line) => pod.log(line));
  const kill = (): void => {
    builder.kill('SIGTERM');
    setTimeout(() => builder.kill('SIGKILL'), GRACE_MS).unref();
  };
  if (pod.killed.signal.aborted) kill();
  else pod.killed.signal.addEventListener('abort', kill);
  const [exitCode] = (await once(builder, 'close')) as [number | null];
  for (const process of beside) process.kill('SIGTERM');
  await Promise.all(
    beside.map(async (process) => process.exitCode ?? process.signalCode ?? (await once(process, 'exit'))),
  );
  pod.ended(exitCode ?? 137);
  await rm(node, { recursive: true, force: true });
}

/** Jobs that go to a cluster whose only node is `runPod`. */
export async function openPodsHere(cluster: FakeKubernetes, directory: string): Promise<KubernetesExecutor> {
  await mkdir(volumeOf(directory), { recursive: true });
  return new KubernetesExecutor(
    new KubernetesApi({ server: cluster.url, ca: null, token: async () => cluster.token }),
    {
      namespace: 'envarium-jobs',
      image: `registry.example.org/envarium/builder@sha256:${'a'.repeat(64)}`,
      command: ['node', '/app/dist/apps/resolver/src/pod/build.js'],
      standInCommand: ['node', '/app/dist/apps/resolver/src/pod/stand-in.js'],
      claim: 'envarium-jobs',
      volume: volumeOf(directory),
      runtimeClass: { name: 'kata', isVm: true },
      platform: nativePlatform(),
      nodeSelector: {},
      startSeconds: 60,
    },
    50,
  );
}

function volumeOf(directory: string): string {
  return path.join(directory, 'volume');
}
