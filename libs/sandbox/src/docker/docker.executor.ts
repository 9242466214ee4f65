import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ArchiveError } from '@envarium/errors';
import { ImageIndex, ImageManifest, MANIFEST_MAX_SIZE } from '@envarium/oci';
import type {
  BuildJob,
  BuildOutcome,
  EventSink,
  Executor,
  ExecutorProbe,
  Internet,
  LayoutImage,
  Limits,
  RunJob,
  RunOutcome,
} from '../executor.js';
import { unlessCancelled } from '../cancelled.js';
import { buildCommand, createBuilder, removeBuilder, runCommand } from './docker-commands.js';
import { DockerProgram, type ProgramEnd } from './docker-program.js';

export interface DockerSettings {
  /** Name or path of the command-line program. */
  readonly program: string;
  /** `unix:///run/user/1000/docker.sock`; null: where docker looks by itself. */
  readonly host: string | null;
  /** Image of BuildKit that is there already: nothing is pulled. */
  readonly builderImage: string;
  /** For what `probe` tries. */
  readonly scratch: string;
  readonly platform: string;
  /** Makes an image with a shell that needs no registry. */
  readonly tinyImage: (layout: string) => Promise<LayoutImage>;
}

const MIB = 1024 ** 2;
/** An engine that is there answers at once. */
const QUICK = { wallSeconds: 10, logBytes: 64 * 1024 };
const PATIENT = { wallSeconds: 300, logBytes: MIB };
const PROBE_LIMITS: Limits = {
  wallSeconds: 60,
  memoryBytes: 128 * MIB,
  processes: 32,
  diskBytes: 64 * MIB,
  cpus: 1,
  logBytes: MIB,
};
/** Interfaces that are up, one a line; in a namespace without a network there is only `lo`. */
const INTERFACES = 'while read -r name rest; do echo "$name"; done < /proc/net/dev; echo done';
/** A remote frontend is fetched by the builder, which has no network: better said than waited for. */
const SYNTAX = /^#\s*syntax\s*=/im;

/** Builds by BuildKit and runs by the docker engine. There is no stand-in here, and no clock but that of the host. */
export class DockerExecutor implements Executor {
  readonly id = 'docker';

  constructor(private readonly settings: DockerSettings) {}

  async probe(): Promise<ExecutorProbe> {
    await mkdir(this.settings.scratch, { recursive: true });
    const directory = await mkdtemp(path.join(this.settings.scratch, 'docker-probe-'));
    try {
      return await this.tryOut(directory);
    } catch (error) {
      if (error instanceof ArchiveError && typeof error.detail['reason'] === 'string')
        return unusable(error.detail['reason']);
      return unusable(
        error instanceof Error && 'code' in error && error.code === 'ENOENT'
          ? 'docker is not installed'
          : String(error),
      );
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  refuses({ kind }: Internet): string | null {
    return kind === 'off'
      ? null
      : 'BuildKit reaches no stand-in: its steps have no network here, and with one they would have the real one';
  }

  async build(job: BuildJob, sink: EventSink, signal: AbortSignal): Promise<BuildOutcome> {
    return { image: null, ...(await unlessCancelled(signal, async () => await this.buildThere(job, sink, signal))) };
  }

  async run(job: RunJob, sink: EventSink, signal: AbortSignal): Promise<RunOutcome> {
    return await unlessCancelled(signal, async () => await this.runThere(job, sink, signal));
  }

  /** The builder is an image that the engine holds; it is named, and not taken apart. */
  async programFiles(): Promise<readonly never[]> {
    return [];
  }

  private async buildThere(job: BuildJob, sink: EventSink, signal: AbortSignal): Promise<BuildOutcome> {
    const refusal = this.refuses(job.internet);
    if (refusal !== null) throw unavailable(refusal);
    this.refusePinnedClock(job.clock.kind);
    if (SYNTAX.test(await readFile(job.dockerfile, 'utf8')))
      throw unavailable('a remote frontend cannot be had without a network');
    const docker = await this.open(job.directory);
    const name = jobName();
    const layout = path.join(job.directory, 'image');
    try {
      await this.require(
        docker,
        createBuilder(name, this.settings.builderImage, job.limits),
        'no builder can be made',
        signal,
      );
      const end = await docker.run(buildCommand(name, layout, job), job.limits, sink, signal);
      const image = end.exitCode === 0 && end.endedBy === 'itself' ? await readLayout(layout) : null;
      return { ...outcomeOf(end), image };
    } finally {
      await docker.run(removeBuilder(name), PATIENT, DEAF, new AbortController().signal).catch(() => null);
    }
  }

  private async runThere(job: RunJob, sink: EventSink, signal: AbortSignal): Promise<RunOutcome> {
    this.refusePinnedClock(job.clock.kind);
    const docker = await this.open(job.directory);
    const name = jobName();
    const image = `${name}:job`;
    try {
      await this.load(docker, job, image, signal);
      const end = await docker.run(runCommand(name, image, job), job.limits, sink, signal);
      const endedBy = end.exitCode === 137 && (await this.wasOutOfMemory(docker, name)) ? 'memory' : end.endedBy;
      return { ...outcomeOf(end), endedBy };
    } finally {
      // The program that was killed is not the container: the engine keeps that running.
      const always = new AbortController().signal;
      await docker.run(['rm', '--force', '--volumes', name], PATIENT, DEAF, always).catch(() => null);
      await docker.run(['image', 'rm', '--force', image], PATIENT, DEAF, always).catch(() => null);
    }
  }

  private async tryOut(directory: string): Promise<ExecutorProbe> {
    const docker = await this.open(directory);
    const never = new AbortController().signal;
    const version = new Lines();
    const asked = await docker.run(['version', '--format', '{{.Server.Version}}'], QUICK, version, never);
    if (asked.exitCode !== 0 || asked.endedBy !== 'itself') return unusable('no daemon answers');
    await this.require(docker, ['buildx', 'version'], 'docker buildx is not installed', never);
    const image = await this.settings.tinyImage(path.join(directory, 'tiny'));
    const lines = new Lines();
    const job: RunJob = {
      directory,
      image,
      command: INTERFACES,
      workingDirectory: null,
      environment: {},
      mounts: [],
      clock: { kind: 'host' },
      limits: PROBE_LIMITS,
    };
    const ran = await this.run(job, lines, never);
    if (ran.exitCode !== 0) return unusable(lines.text.slice(-300) || 'a container of one command did not run');
    const interfaces = [...lines.text.matchAll(/^(?<name>[a-z0-9@.]+):/gm)].map((match) => match.groups?.['name']);
    const isNetworkOff =
      interfaces.length > 0 &&
      interfaces.every((name) =>
        /^(lo|tunl0|sit0|ip6tnl0|gre0|gretap0|erspan0|ip_vti0|ip6_vti0|ip6gre0)$/.test(name ?? ''),
      );
    const hog = await this.run({ ...job, command: 'x=x; while :; do x="$x$x"; done' }, DEAF, never);
    const endless = await this.run(
      { ...job, command: 'while :; do :; done', limits: { ...PROBE_LIMITS, wallSeconds: 2 } },
      DEAF,
      never,
    );
    return {
      isUsable: isNetworkOff,
      reason: isNetworkOff
        ? null
        : `a container without a network has ${interfaces.join(', ') || 'no list of interfaces'}`,
      isolation: 'namespaces',
      limits: new Set([
        ...(hog.endedBy === 'memory' ? ['memory' as const] : []),
        ...(endless.endedBy === 'wall' ? ['wall' as const] : []),
      ]),
      isNetworkOff,
      canPinClock: false,
      platforms: [this.settings.platform],
      builder: { name: 'docker', version: version.text.trim(), runtime: this.settings.builderImage },
    };
  }

  private async open(directory: string): Promise<DockerProgram> {
    const home = path.join(directory, 'docker');
    await mkdir(home, { recursive: true });
    return new DockerProgram(this.settings.program, home, this.settings.host);
  }

  private async require(docker: DockerProgram, parameters: readonly string[], otherwise: string, signal: AbortSignal) {
    const said = new Lines();
    const end = await docker.run(parameters, PATIENT, said, signal);
    signal.throwIfAborted();
    if (end.exitCode !== 0) throw unavailable(said.text === '' ? otherwise : `${otherwise}: ${said.text.slice(-300)}`);
  }

  /** As a docker archive over the same blobs: every engine reads those. */
  private async load(
    docker: DockerProgram,
    { directory, image }: RunJob,
    tag: string,
    signal: AbortSignal,
  ): Promise<void> {
    const manifest = ImageManifest.parse(JSON.parse(await readDocument(blobFile(image.layout, image.digest))));
    const place = (digest: string): string => `blobs/sha256/${digest.slice('sha256:'.length)}`;
    const archive = [
      {
        Config: place(manifest.config.digest),
        RepoTags: [tag],
        Layers: (manifest.layers ?? []).map(({ digest }) => place(digest)),
      },
    ];
    await writeFile(path.join(directory, 'docker/manifest.json'), JSON.stringify(archive));
    const parameters = ['-c', '-C', image.layout, 'blobs', '-C', path.join(directory, 'docker'), 'manifest.json'];
    const tar = spawn('tar', parameters, { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      const end = await docker.run(['load', '--quiet'], PATIENT, DEAF, signal, tar.stdout);
      signal.throwIfAborted();
      if (end.exitCode !== 0) throw unavailable('the engine does not take the image');
    } finally {
      tar.kill('SIGKILL');
    }
  }

  private async wasOutOfMemory(docker: DockerProgram, name: string): Promise<boolean> {
    const said = new Lines();
    const parameters = ['inspect', '--format', '{{.State.OOMKilled}}', name];
    await docker.run(parameters, QUICK, said, new AbortController().signal);
    return said.text.trim() === 'true';
  }

  private refusePinnedClock(kind: 'host' | 'pinned'): void {
    if (kind === 'pinned') throw unavailable('docker cannot pin the clock');
  }
}

class Lines implements EventSink {
  text = '';
  line(_stream: string, text: string): void {
    this.text += `${text}\n`;
  }
}

const DEAF: EventSink = { line: () => {} };

function jobName(): string {
  return `envarium-${randomBytes(10).toString('hex')}`;
}

function blobFile(layout: string, digest: string): string {
  return path.join(layout, 'blobs/sha256', digest.slice('sha256:'.length));
}

async function readDocument(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (size > MANIFEST_MAX_SIZE) throw new ArchiveError('MANIFEST_TOO_LARGE', { size, limit: MANIFEST_MAX_SIZE });
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

async function readLayout(layout: string): Promise<LayoutImage> {
  const index = ImageIndex.parse(JSON.parse(await readDocument(path.join(layout, 'index.json'))));
  const digest = index.manifests?.[0]?.digest;
  if (digest === undefined)
    throw new ArchiveError('LAYER_INVALID', { reason: 'layout-incomplete', path: 'index.json' });
  return { layout, digest };
}

function outcomeOf({ exitCode, endedBy, wallMs }: ProgramEnd): RunOutcome {
  return { exitCode, endedBy, usage: { wallMs, peakMemoryBytes: null, cpuMs: null }, canary: null };
}

function unavailable(reason: string): ArchiveError {
  return new ArchiveError('EXECUTOR_UNAVAILABLE', { executor: 'docker', reason });
}

function unusable(reason: string): ExecutorProbe {
  return {
    isUsable: false,
    reason,
    isolation: 'none',
    limits: new Set(),
    isNetworkOff: false,
    canPinClock: false,
    platforms: [],
    builder: { name: 'docker', version: 'unknown', runtime: null },
  };
}
