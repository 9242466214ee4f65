import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { ArchiveError } from '@envarium/errors';
import type { CellPlan, VisiblePath } from './cell/plan.js';
import { INSIDE } from './cell/plan.js';
import { CONTAINER_ENVIRONMENT, CONTAINER_FILES } from './cell/view-files.js';
import { createControlGroup } from './control-group.js';
import { bringIn, type Engine } from './engine.js';
import type {
  BuildJob,
  BuildOutcome,
  Clock,
  EventSink,
  Executor,
  ExecutorProbe,
  Internet,
  LayoutImage,
  RunJob,
  RunOutcome,
} from './executor.js';
import { prepareInternet } from './internet.js';
import { nativePlatform } from './platform.js';
import { probeEngine } from './probe.js';
import { gatherPrograms, type ProgramFile } from './program-files.js';
import { compiledDirectory, findClockLibrary, findProgram } from './programs.js';
import type { ContainerPlan } from './runtime/container-plan.js';
import { type CellResult, watchCell } from './watched-cell.js';

type JobPlan = Pick<CellPlan, 'prepare' | 'program' | 'finish'> & {
  readonly internet: Internet;
  readonly visible: readonly VisiblePath[];
  readonly container: Omit<ContainerPlan, 'job' | 'hasInjected' | 'memoryBytes' | 'processes' | 'openFiles' | 'clock'>;
};

const OPEN_FILES = 1024;

/** Builds and runs in namespaces and control groups of this machine, with one of the builders that need no daemon. */
export class LocalExecutor implements Executor {
  readonly id: 'buildah' | 'podman';
  private probed: Promise<ExecutorProbe> | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly scratch: string,
  ) {
    this.id = engine.id;
  }

  probe(): Promise<ExecutorProbe> {
    this.probed ??= probeEngine(this, this.engine, this.scratch);
    return this.probed;
  }

  refuses(): null {
    return null;
  }

  async build(job: BuildJob, sink: EventSink, signal: AbortSignal): Promise<BuildOutcome> {
    if (job.platform !== nativePlatform()) throw new ArchiveError('EXECUTOR_UNAVAILABLE', { platform: job.platform });
    const { program, finish } = this.engine.build(job);
    const bases = job.bases.map(({ reference, image }, index) => ({ reference, image, inside: `/bases/${index}` }));
    const result = await this.perform(
      job,
      {
        prepare: bases.map(({ reference, inside }) => bringIn(inside, reference)),
        program,
        finish,
        internet: job.internet,
        visible: [
          readOnly(job.context, INSIDE.context),
          readOnly(job.dockerfile, INSIDE.dockerfile),
          ...bases.map(({ image, inside }) => readOnly(image.layout, inside)),
        ],
        container: {
          isReadOnly: false,
          mayUseCapabilities: true,
          workingDirectory: null,
          environment: { SOURCE_DATE_EPOCH: String(job.epoch) },
          mounts: [],
        },
      },
      sink,
      signal,
    );
    return { ...result, image: await builtImage(job.directory, result) };
  }

  async run(job: RunJob, sink: EventSink, signal: AbortSignal): Promise<RunOutcome> {
    const mounts = job.mounts.map((mount, index) => ({ ...mount, inside: `/mounts/${index}` }));
    return await this.perform(
      job,
      {
        ...this.engine.run(job),
        finish: [],
        internet: { kind: 'off' },
        visible: [
          readOnly(job.image.layout, INSIDE.subject),
          ...mounts.map(({ source, inside, isWritable }) => ({ source, target: inside, isWritable })),
        ],
        container: {
          isReadOnly: true,
          mayUseCapabilities: false,
          workingDirectory: job.workingDirectory,
          environment: job.environment,
          mounts: mounts.map(({ inside, target, isWritable }) => ({ source: inside, target, isWritable })),
        },
      },
      sink,
      signal,
    );
  }

  async programFiles(): Promise<readonly ProgramFile[]> {
    const programs = [...this.engine.programs.map(findProgram), findClockLibrary()];
    return await gatherPrograms(programs.filter((program) => program !== null));
  }

  private async perform(
    job: BuildJob | RunJob,
    plan: JobPlan,
    sink: EventSink,
    signal: AbortSignal,
  ): Promise<CellResult> {
    const id = randomBytes(6).toString('hex');
    const injected = path.join(job.directory, 'injected');
    await mkdir(injected, { mode: 0o755 });
    const internet = await prepareInternet(plan.internet, job.directory, injected);
    const library = job.clock.kind === 'pinned' ? findClockLibrary() : null;
    if (library !== null) await copyFile(library, path.join(injected, 'libfaketime.so.1'));
    const group = createControlGroup(id, job.limits);
    const container: ContainerPlan = {
      ...plan.container,
      environment: { ...internet.container, ...plan.container.environment },
      job: id,
      clock: secondsOf(job.clock),
      hasInjected: library !== null || internet.standIn !== null,
      memoryBytes: job.limits.memoryBytes,
      processes: job.limits.processes,
      openFiles: OPEN_FILES,
    };
    const cell: CellPlan = {
      directory: job.directory,
      diskBytes: job.limits.diskBytes,
      groups: group.entrances,
      counters: group.counters,
      visible: [
        ...plan.visible,
        readOnly(process.execPath, INSIDE.node),
        readOnly(compiledDirectory(), INSIDE.program),
        readOnly(injected, INSIDE.injected),
      ],
      files: { ...CONTAINER_FILES, [INSIDE.containerPlan]: JSON.stringify(container) },
      environment: { ...CONTAINER_ENVIRONMENT, ...internet.builder },
      runtime: findProgram('runc') ?? 'runc',
      standIn: internet.standIn,
      addresses: hostAddresses(),
      prepare: plan.prepare,
      program: plan.program,
      finish: plan.finish,
    };
    try {
      return await watchCell(cell, job.limits, group, sink, signal);
    } finally {
      await group.remove();
      await rm(path.join(job.directory, 'disk.ext4'), { force: true });
    }
  }
}

const readOnly = (source: string, target: string): VisiblePath => ({ source, target, isWritable: false });

const secondsOf = (clock: Clock): number | null =>
  clock.kind === 'host' ? null : Math.floor(clock.at.getTime() / 1000);

function hostAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address);
}

/** What the builder wrote, by the digest that it wrote down itself; whoever takes it checks it. */
async function builtImage(directory: string, { exitCode, endedBy }: CellResult): Promise<LayoutImage | null> {
  if (exitCode !== 0 || endedBy !== 'itself') return null;
  const layout = path.join(directory, 'image');
  const index = JSON.parse(await readFile(path.join(layout, 'index.json'), 'utf8')) as {
    manifests: { digest: string }[];
  };
  const digest = index.manifests[0]?.digest;
  return digest === undefined ? null : { layout, digest };
}
