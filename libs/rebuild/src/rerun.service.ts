import { mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Injectable } from '@nestjs/common';
import { compareOutputs, MAX_COMPARED_SIZE, type NamedOutputFile } from '@envarium/comparison';
import type { JobContext, JobEnd, RunningJob } from '@envarium/jobs';
import { digestOf } from '@envarium/oci';
import { RecordsService, type VersionRow } from '@envarium/records';
import { OutputTolerance } from '@envarium/schema';
import { BuildLog } from './build-log.js';
import { ObtainService } from './obtain.service.js';
import { RerunReceiptsService } from './rerun-receipts.service.js';
import { RunsService } from './runs.service.js';
import { filesBelow, type RecordedRun, RunFilesService } from './run-files.service.js';

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
