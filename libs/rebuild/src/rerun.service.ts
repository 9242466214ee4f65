import { mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { compareOutputs, MAX_COMPARED_SIZE, type NamedOutputFile, numericPins } from '@envarium/comparison';
import type { JobContext, JobEnd, RunningJob } from '@envarium/jobs';
import { digestOf } from '@envarium/oci';
import { RecordsService, type VersionRow } from '@envarium/records';
import type { RunJob, RunOutcome } from '@envarium/sandbox';
import { OutputTolerance } from '@envarium/schema';
import { BuildLog } from './build-log.js';
import { type ChosenExecutor, ExecutorsService } from './executors.service.js';
import { ObtainService } from './obtain.service.js';
import { REBUILD_OPTIONS, type RebuildOptions } from './rebuild-options.js';
import { RerunReceiptsService } from './rerun-receipts.service.js';
import { filesBelow, type RecordedRun, RunFilesService } from './run-files.service.js';

/** Where the run writes, and finds copies of what stands in the working directory of its image. */
const WORK = '/envarium/work';
const INPUTS = '/envarium/inputs';

/** Repeats a recorded run in its archived environment, with no network, and compares what it makes. */
@Injectable()
export class RerunService {
  constructor(
    private readonly records: RecordsService,
    private readonly files: RunFilesService,
    private readonly environments: ObtainService,
    private readonly runs: RunsService,
    private readonly receipts: RerunReceiptsService,
  ) {}

  /** @throws ArchiveError RUN_UNKNOWN, RUN_NOT_REPEATABLE, EXECUTOR_UNAVAILABLE */
  async rerun(job: RunningJob, context: JobContext, directory: string): Promise<JobEnd> {
    await context.step('locating');
    const startedAt = new Date();
    const version = await this.records.requireVersion(job.principal, job.reference);
    const run = await this.files.recordedRun(version, job.runId ?? '');
    const inputs = path.join(directory, 'inputs');
    await mkdir(inputs);
    await this.files.materialise(version, run, inputs);
    const environment = await this.environments.obtain(version, job, context, directory);
    await context.step('running');
    const log = new BuildLog(context);
    const work = path.join(directory, 'outputs');
    await mkdir(work);
    const ran = await this.runs.run({ environment, run, inputs, work, directory, log, signal: context.signal });
    await context.step('comparing');
    const tolerance = job.tolerance ?? OutputTolerance.parse({});
    const outputs = compareOutputs(await this.expected(version, run), await made(work, run), tolerance);
    for (const { name, verdict, detail } of outputs) context.line('note', `${name}: ${verdict}: ${detail}`);
    await context.step('signing');
    return await this.receipts.sign({ version, run, environment, ran, outputs, tolerance, log, startedAt }, job);
  }

  private async expected(version: VersionRow, run: RecordedRun): Promise<NamedOutputFile[]> {
    const files: NamedOutputFile[] = [];
    for (const output of run.outputs) {
      const bytes = await this.files.expectedBytes(version, output, MAX_COMPARED_SIZE);
      files.push({ name: output.name, digest: output.digest, bytes });
    }
    return files;
  }
}

/** What the run made, of that which it was to make. */
async function made(work: string, run: RecordedRun): Promise<NamedOutputFile[]> {
  const there = new Set(await filesBelow(work));
  const files: NamedOutputFile[] = [];
  for (const { name } of run.outputs) {
    const relative = path.posix.normalize(name);
    if (!there.has(relative)) continue;
    const file = path.join(work, relative);
    const { size } = await stat(file);
    const bytes = await readFile(file);
    files.push({ name, digest: digestOf(bytes), bytes: size > MAX_COMPARED_SIZE ? null : bytes });
  }
  return files;
}

export interface RunRequest {
  readonly environment: { readonly layout: RunJob['image']; readonly platform: string; readonly created: Date | null };
  readonly run: RecordedRun;
  /** On disk, under their names. */
  readonly inputs: string;
  readonly work: string;
  readonly directory: string;
  readonly log: BuildLog;
  readonly signal: AbortSignal;
}

export interface Ran {
  readonly outcome: RunOutcome;
  readonly chosen: ChosenExecutor;
  readonly pins: Readonly<Record<string, string>>;
  readonly job: RunJob;
}

/** Runs a recorded command in an image. */
@Injectable()
export class RunsService {
  constructor(
    private readonly executors: ExecutorsService,
    @Inject(REBUILD_OPTIONS) private readonly options: RebuildOptions,
  ) {}

  async run({ environment, run, inputs, work, directory, log, signal }: RunRequest): Promise<Ran> {
    const chosen = await this.executors.choose(environment.platform);
    const pins = numericPins({});
    const place = path.join(directory, 'run');
    await mkdir(place);
    const { created } = environment;
    const canPin = chosen.probe.canPinClock && created !== null;
    const job: RunJob = {
      directory: place,
      image: environment.layout,
      command: inWorkingCopy(run.command),
      workingDirectory: null,
      environment: pins,
      mounts: [
        { source: inputs, target: INPUTS, isWritable: false },
        { source: work, target: WORK, isWritable: true },
      ],
      clock: canPin ? { kind: 'pinned', at: created } : { kind: 'host' },
      limits: this.options.limits,
    };
    return { outcome: await chosen.executor.run(job, log, signal), chosen, pins, job };
  }
}

/**
 * Begins where the image would begin, in a copy that can be written to: the image itself and the inputs are read-only. What
 * the run reads is linked, so that it cannot be changed.
 */
function inWorkingCopy(command: string): string {
  return [
    'set -e',
    `if [ "$PWD" != / ]; then cp -R . ${WORK}/; fi`,
    `cd ${INPUTS}`,
    `find . -type d -exec mkdir -p ${WORK}/{} \\;`,
    `find . -type f -exec ln -sf ${INPUTS}/{} ${WORK}/{} \\;`,
    `cd ${WORK}`,
    'set +e',
    command,
  ].join('\n');
}
