import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { numericPins } from '@envarium/comparison';
import type { RunJob, RunOutcome } from '@envarium/sandbox';
import type { BuildLog } from './build-log.js';
import { type ChosenExecutor, ExecutorsService } from './executors.service.js';
import { REBUILD_OPTIONS, type RebuildOptions } from './rebuild-options.js';
import type { RecordedRun } from './run-files.service.js';

/** Where the run writes, and finds copies of what stands in the working directory of its image. */
const WORK = '/envarium/work';
const INPUTS = '/envarium/inputs';

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
 * Begins where the image would begin, in a copy that can be written to, and so do the inputs: a link to them would tell
 * programs that look for their modules beside a script where it really lies.
 */
function inWorkingCopy(command: string): string {
  return [
    'set -e',
    `if [ "$PWD" != / ]; then cp -R . ${WORK}/; fi`,
    `cp -Rf ${INPUTS}/. ${WORK}/`,
    `cd ${WORK}`,
    'set +e',
    command,
  ].join('\n');
}
