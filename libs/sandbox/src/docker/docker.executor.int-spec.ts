import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildImage, buildLayer, encodeLayoutIndex } from '@envarium/oci';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BuildJob, LayoutImage, Limits, RunJob } from '../executor.js';
import { DockerExecutor } from './docker.executor.js';

const LIMITS: Limits = {
  wallSeconds: 30,
  memoryBytes: 1024 ** 3,
  processes: 100,
  diskBytes: 1024 ** 3,
  cpus: 1,
  logBytes: 10_000,
};

/*
 * No docker engine runs where these tests run. A program of that name stands in for it, that tells what it was asked and
 * ends as a test wants: this shows how output, exit codes, time and cancelling are handled, and that everything is taken
 * away again. What the engine does with the words is its own affair; they are checked in docker-commands.spec.ts.
 */
const STUB = `#!/bin/sh
echo "$*" >> "$DOCKER_CONFIG/../asked"
case "$1 $2" in
  "version "*) echo 28.5.2 ;;
  "buildx build") . "$DOCKER_CONFIG/../behaviour" ;;
  "run "*) . "$DOCKER_CONFIG/../behaviour" ;;
  "load "*) cat > "$DOCKER_CONFIG/../loaded" ;;
  "inspect "*) cat "$DOCKER_CONFIG/../oom" 2>/dev/null || echo false ;;
esac
`;

describe('sandbox/docker/docker.executor', () => {
  let directory: string;
  let executor: DockerExecutor;
  let lines: string[];
  let image: LayoutImage;
  const sink = { line: (stream: string, text: string) => void lines.push(`${stream}: ${text}`) };
  const never = new AbortController().signal;
  const at = (name: string): string => path.join(directory, name);
  const asked = async (): Promise<string[]> => (await readFile(at('asked'), 'utf8')).trim().split('\n');
  const behave = async (script: string): Promise<void> => await writeFile(at('behaviour'), script);
  const open = (program: string): DockerExecutor =>
    new DockerExecutor({
      program,
      host: null,
      builderImage: 'moby/buildkit:v0.25.0',
      scratch: at('scratch'),
      platform: 'linux/amd64',
      tinyImage: async () => image,
    });

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'envarium-docker-'));
    await writeFile(at('docker-stub'), STUB);
    await chmod(at('docker-stub'), 0o755);
    await writeFile(at('Dockerfile'), 'FROM base\n');
    image = await writeLayout(at('base'));
    executor = open(at('docker-stub'));
    lines = [];
  });

  afterEach(async () => await rm(directory, { recursive: true }));

  const build = (over: Partial<BuildJob> = {}): BuildJob => ({
    directory,
    context: at('context'),
    dockerfile: at('Dockerfile'),
    bases: [{ reference: 'base', image }],
    internet: { kind: 'off' },
    clock: { kind: 'host' },
    epoch: 0,
    platform: 'linux/amd64',
    limits: LIMITS,
    ...over,
  });
  const run = (over: Partial<RunJob> = {}): RunJob => ({
    directory,
    image,
    command: 'true',
    workingDirectory: null,
    environment: {},
    mounts: [],
    clock: { kind: 'host' },
    limits: LIMITS,
    ...over,
  });

  it('builds with a builder of its own and takes it away', async () => {
    await behave(`cp -r ${at('base')} ${at('image')}; echo step; echo warning >&2`);

    const outcome = await executor.build(build(), sink, never);

    expect(outcome).toMatchObject({
      exitCode: 0,
      endedBy: 'itself',
      image: { layout: at('image'), digest: image.digest },
    });
    expect(lines.sort()).toEqual(['stderr: warning', 'stdout: step']);
    expect((await asked()).map((line) => line.split(' ', 2).join(' '))).toEqual([
      'buildx create',
      'buildx build',
      'buildx rm',
    ]);
  });

  it('has no image of a build that failed, and takes the builder away all the same', async () => {
    await behave('exit 17');

    expect(await executor.build(build(), sink, never)).toMatchObject({ exitCode: 17, endedBy: 'itself', image: null });
    expect((await asked()).at(-1)).toMatch(/^buildx rm --force envarium-/);
  });

  it.each([
    [
      'a stand-in',
      {
        internet: { kind: 'stand-in', socket: '/s', authority: { certificate: '', key: '' }, ports: [], answers: null },
      },
      /BuildKit reaches no stand-in/,
    ],
    ['a pinned clock', { clock: { kind: 'pinned', at: new Date(0) } }, /cannot pin the clock/],
  ] as const)('refuses %s before anything is done, with the reason', async (_, over, reason) => {
    await expect(executor.build(build(over), sink, never)).rejects.toMatchObject({
      code: 'EXECUTOR_UNAVAILABLE',
      detail: { reason: expect.stringMatching(reason) },
    });
    await expect(asked()).rejects.toThrow('ENOENT');
  });

  it('refuses a remote frontend', async () => {
    await writeFile(at('Dockerfile'), '# syntax=docker/dockerfile:1\nFROM base\n');

    await expect(executor.build(build(), sink, never)).rejects.toMatchObject({ code: 'EXECUTOR_UNAVAILABLE' });
  });

  it('runs what it loaded, tells the exit code, and leaves no container and no image', async () => {
    await behave('echo 42; exit 7');

    expect(await executor.run(run(), sink, never)).toMatchObject({ exitCode: 7, endedBy: 'itself' });
    expect(lines).toEqual(['stdout: 42']);
    expect((await asked()).map((line) => line.split(' ', 2).join(' '))).toEqual([
      'load --quiet',
      'run --name',
      'rm --force',
      'image rm',
    ]);
    expect((await readFile(at('loaded'))).includes('manifest.json')).toBe(true);
  });

  it('says that the engine ended it for its memory', async () => {
    await behave('exit 137');
    await writeFile(at('oom'), 'true\n');

    expect(await executor.run(run(), sink, never)).toMatchObject({ exitCode: 137, endedBy: 'memory' });
  });

  it.each([
    ['time', 'sleep 1000 & sleep 1000', { wallSeconds: 1 }, 'wall'],
    ['log', 'while :; do echo aaaaaaaaaaaaaaaaaaaaaaaa; done', {}, 'log'],
    ['log in one line', 'while :; do printf aaaaaaaaaaaaaaaaaaaaaaaa; done', {}, 'log'],
  ] as const)('ends what uses too much %s, with all that it started', async (_, script, limits, endedBy) => {
    await behave(`echo $$ > ${at('pid')}; ${script}`);

    const outcome = await executor.run(run({ limits: { ...LIMITS, ...limits } }), sink, never);

    expect(outcome).toMatchObject({ endedBy });
    const pid = Number(await readFile(at('pid'), 'utf8'));
    // What was killed has closed its output a moment before it is dead.
    await expect.poll(async () => await livingOfGroup(pid)).toEqual([]);
    expect((await asked()).some((line) => line.startsWith('rm --force'))).toBe(true);
  });

  it('ends what is cancelled, and that is an outcome', async () => {
    const stop = new AbortController();
    await behave('echo started; sleep 1000');
    const onStart = { line: () => stop.abort(new Error('cancelled by ana')) };

    expect(await executor.run(run(), onStart, stop.signal)).toMatchObject({ endedBy: 'cancelled', exitCode: null });
    expect((await asked()).some((line) => line.startsWith('rm --force'))).toBe(true);
  });

  it('hands none of its own environment on', async () => {
    await behave('env');

    await executor.run(run(), sink, never);

    const names = lines
      .map((line) => /^stdout: (?<name>\w+)=/.exec(line)?.groups?.['name'])
      .filter((name) => name !== undefined);
    expect(
      names.filter((name) => !['PATH', 'HOME', 'DOCKER_CONFIG', 'PWD', 'OLDPWD', 'SHLVL', '_'].includes(name)),
    ).toEqual([]);
  });

  it('says quickly that no daemon answers, or that there is no docker', async () => {
    const unreachable = new DockerExecutor({
      program: at('docker-stub'),
      host: `unix://${at('none.sock')}`,
      builderImage: 'moby/buildkit:v0.25.0',
      scratch: at('scratch'),
      platform: 'linux/amd64',
      tinyImage: async () => image,
    });
    await writeFile(at('docker-stub'), '#!/bin/sh\necho "Cannot connect to the Docker daemon" >&2\nexit 1\n');

    expect(await unreachable.probe()).toMatchObject({ isUsable: false, reason: 'no daemon answers' });
    expect(await open(at('nothing-here')).probe()).toMatchObject({
      isUsable: false,
      reason: 'docker is not installed',
    });
  });
});

/** Processes of a group that still run; those that only wait to be counted do not. */
async function livingOfGroup(group: number): Promise<string[]> {
  const living: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const [state, , processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(processGroup) === group && state !== 'Z') living.push(pid);
  }
  return living;
}

async function writeLayout(layout: string): Promise<LayoutImage> {
  const { blobs, manifest } = buildImage({
    layers: [await buildLayer([{ path: 'etc/', type: 'directory', mode: 0o755 }])],
    config: { os: 'linux', architecture: 'amd64' },
  });
  await mkdir(path.join(layout, 'blobs/sha256'), { recursive: true });
  const place = (digest: string): string => path.join(layout, 'blobs/sha256', digest.slice('sha256:'.length));
  for (const { descriptor, content } of blobs) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of content()) chunks.push(chunk);
    await writeFile(place(descriptor.digest), Buffer.concat(chunks));
  }
  await writeFile(place(manifest.descriptor.digest), manifest.bytes);
  await writeFile(path.join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(path.join(layout, 'index.json'), encodeLayoutIndex(manifest.descriptor, null));
  return { layout, digest: manifest.descriptor.digest };
}
