import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import type { BuildOutcome, EventSink, Executor, Internet, LayoutImage, RunOutcome } from '../executor.js';
import { ACCOUNT_LIMIT } from './job-volume.js';
import { PodJob, type PodLine, type PodOutcome } from './pod-job.js';

/** Directories and sockets, as the pod has them. */
export interface PodPlaces {
  readonly input: string;
  readonly output: string;
  readonly scratch: string;
  readonly socket: string;
  readonly account: string;
}

type BuildPart = Extract<PodJob, { kind: 'build' }>;
type RunPart = Extract<PodJob, { kind: 'run' }>;

/**
 * What runs in the pod: the job is done by an executor that works on the machine it is on, which here is the pod. So the
 * stand-in, the clock, the limits and the canary are the same as anywhere else, inside a second wall.
 */
export async function runPodJob(
  executor: Executor,
  write: (line: string) => void,
  signal: AbortSignal,
  places: PodPlaces,
): Promise<void> {
  let seq = 0;
  const sink: EventSink = {
    line: (stream, text) => write(`${JSON.stringify({ seq: seq++, stream, text } satisfies PodLine)}\n`),
  };
  const outcome = await perform(executor, sink, signal, places).catch((error: unknown): PodOutcome => ({
    kind: 'failed',
    reason: error instanceof Error ? error.message : String(error),
  }));
  // Nobody waits for it any more, and the directory may be gone.
  if (signal.aborted) return;
  await writeFile(path.join(places.output, 'outcome.json'), JSON.stringify(outcome));
}

async function perform(
  executor: Executor,
  sink: EventSink,
  signal: AbortSignal,
  places: PodPlaces,
): Promise<PodOutcome> {
  const job = PodJob.parse(JSON.parse(await readFile(path.join(places.input, 'job.json'), 'utf8')));
  if (job.kind === 'probe') {
    const { isolation: _, limits, platforms, builder, ...rest } = await executor.probe();
    return { kind: 'probe', probe: { ...rest, limits: [...limits], platforms: [...platforms], builder } };
  }
  const directory = path.join(places.scratch, 'work');
  await mkdir(directory, { recursive: true });
  if (job.kind === 'run')
    return { kind: 'run', outcome: withoutImage(await run(executor, job, directory, sink, signal, places)) };
  const built = await build(executor, job, directory, sink, signal, places);
  if (job.standIn !== null) await giveAccount(places);
  if (built.image !== null) await giveImage(built.image, path.join(places.output, 'image'));
  return { kind: 'build', outcome: withoutImage(built), digest: built.image?.digest ?? null };
}

async function build(
  executor: Executor,
  job: BuildPart,
  directory: string,
  sink: EventSink,
  signal: AbortSignal,
  places: PodPlaces,
): Promise<BuildOutcome> {
  const internet: Internet =
    job.standIn === null ? { kind: 'off' } : { kind: 'stand-in', socket: places.socket, answers: null, ...job.standIn };
  const { clock, epoch, platform, limits } = job;
  return await executor.build(
    {
      directory,
      context: path.join(places.input, 'context'),
      dockerfile: path.join(places.input, 'Dockerfile'),
      bases: job.bases.map(({ reference, image }) => ({ reference, image: within(places.input, image) })),
      internet,
      clock,
      epoch,
      platform,
      limits,
    },
    sink,
    signal,
  );
}

async function run(
  executor: Executor,
  job: RunPart,
  directory: string,
  sink: EventSink,
  signal: AbortSignal,
  places: PodPlaces,
): Promise<RunOutcome> {
  const { command, workingDirectory, environment, clock, limits } = job;
  const mounts = job.mounts.map(({ source, target, isWritable }) => ({
    source: path.join(isWritable ? places.output : places.input, source),
    target,
    isWritable,
  }));
  const image = within(places.input, job.image);
  return await executor.run(
    { directory, image, command, workingDirectory, environment, mounts, clock, limits },
    sink,
    signal,
  );
}

function within(directory: string, { layout, digest }: LayoutImage): LayoutImage {
  return { layout: path.join(directory, layout), digest };
}

/** The stand-in beside us says what it was asked for, once, and answers nothing after that. */
async function giveAccount({ account, output }: PodPlaces): Promise<void> {
  const said = connect(account);
  const text: Buffer[] = [];
  let size = 0;
  for await (const chunk of said) {
    size += chunk.length;
    if (size > ACCOUNT_LIMIT) throw new Error(`the stand-in has more to say than ${ACCOUNT_LIMIT} bytes`);
    text.push(chunk);
  }
  await writeFile(path.join(output, 'account.json'), Buffer.concat(text));
}

async function giveImage({ layout }: LayoutImage, to: string): Promise<void> {
  await cp(layout, to, { recursive: true });
}

function withoutImage({ exitCode, endedBy, usage, canary }: RunOutcome) {
  return { exitCode, endedBy, usage, canary: canary === null ? null : { attempts: { ...canary.attempts } } };
}
