import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { ArchiveError } from '@envarium/errors';
import type { Engine } from './engine.js';
import type { BuildOutcome, EventSink, Executor, ExecutorProbe, LayoutImage, LimitName, Limits } from './executor.js';
import { nativePlatform } from './platform.js';
import { findProgram } from './programs.js';
import { writeTinyImage } from './tiny-image.js';

const run = promisify(execFile);

const LIMITS: Limits = {
  wallSeconds: 30,
  memoryBytes: 128 << 20,
  processes: 32,
  diskBytes: 96 << 20,
  cpus: 1,
  logBytes: 1 << 20,
};
/** Long ago, and not the time of any machine. */
const PINNED = new Date('2001-02-03T04:05:06Z');
const REFERENCE = 'localhost/envarium-probe:1';

/** One step for each promise: each must end as it says. */
const TRIALS: readonly { readonly limit: LimitName; readonly command: string; readonly limits?: Partial<Limits> }[] = [
  { limit: 'memory', command: 'dd if=/dev/zero of=/dev/null bs=512M count=1' },
  { limit: 'processes', command: 'i=0; while [ $i -lt 64 ]; do sleep 20 & i=$((i+1)); done; wait' },
  { limit: 'disk', command: 'dd if=/dev/zero of=/filler bs=1M count=512' },
  { limit: 'wall', command: 'sleep 60', limits: { wallSeconds: 2 } },
];

/** Finds out what an executor can do on this machine by letting it do it, with an image made of this machine's shell. */
export async function probeEngine(executor: Executor, engine: Engine, scratch: string): Promise<ExecutorProbe> {
  const missing = [...engine.programs, 'unshare', 'ip', 'mount', 'pivot_root'].filter(
    (name) => findProgram(name) === null,
  );
  if (missing.length > 0) return unusable(engine, `not installed: ${missing.join(', ')}`);
  await mkdir(scratch, { recursive: true });
  const directory = await mkdtemp(path.join(scratch, `probe-${engine.id}-`));
  try {
    return await tryOut(executor, engine, directory);
  } catch (error) {
    return unusable(engine, reasonOf(error));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function tryOut(executor: Executor, engine: Engine, directory: string): Promise<ExecutorProbe> {
  const image = await writeTinyImage(path.join(directory, 'base'), ['date', 'dd', 'sleep'], nativePlatform());
  const trial = new Trials(executor, directory, image);
  const first = await trial.build('first', 'date -u +%Y', {});
  if (first.outcome.exitCode !== 0 || first.outcome.image === null)
    return unusable(engine, first.lines.slice(-3).join(' ') || 'a build of one step gave no image');
  const limits = new Set<LimitName>(['cpu']);
  const ends = TRIALS.map(async ({ limit, command, limits: changed }) => {
    if ((await trial.build(limit, command, changed ?? {})).outcome.endedBy === limit) limits.add(limit);
  });
  await Promise.all(ends);
  return {
    isUsable: true,
    reason: null,
    isolation: 'namespaces',
    limits,
    isNetworkOff: Object.values(first.outcome.canary?.attempts ?? { none: 'reached' }).every(
      (end) => end === 'refused',
    ),
    canPinClock: first.lines.includes(String(PINNED.getUTCFullYear())),
    platforms: [nativePlatform()],
    builder: await builderOf(engine),
  };
}

/** Builds of one step, each in a directory of its own. */
class Trials {
  constructor(
    private readonly executor: Executor,
    private readonly directory: string,
    private readonly image: LayoutImage,
  ) {}

  async build(
    name: string,
    command: string,
    limits: Partial<Limits>,
  ): Promise<{ outcome: BuildOutcome; lines: readonly string[] }> {
    const inside = (part: string): string => path.join(this.directory, name, part);
    await mkdir(inside('job'), { recursive: true });
    await mkdir(inside('context'));
    await writeFile(inside('Dockerfile'), `FROM ${REFERENCE}\nRUN ${command}\n`);
    const lines: string[] = [];
    const sink: EventSink = { line: (_stream, text) => void lines.push(text) };
    const outcome = await this.executor.build(
      {
        directory: inside('job'),
        context: inside('context'),
        dockerfile: inside('Dockerfile'),
        bases: [{ reference: REFERENCE, image: this.image }],
        internet: { kind: 'off' },
        clock: { kind: 'pinned', at: PINNED },
        epoch: 0,
        platform: nativePlatform(),
        limits: { ...LIMITS, ...limits },
      },
      sink,
      new AbortController().signal,
    );
    return { outcome, lines };
  }
}

async function builderOf({ id }: Engine): Promise<ExecutorProbe['builder']> {
  return { name: id, version: (await versionOf(id)) ?? 'unknown', runtime: await runtimeVersion() };
}

async function runtimeVersion(): Promise<string | null> {
  const version = await versionOf('runc');
  return version === null ? null : `runc ${version}`;
}

async function versionOf(name: string): Promise<string | null> {
  const program = findProgram(name);
  if (program === null) return null;
  const { stdout } = await run(program, ['--version'], { env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent' } });
  return /version (?<version>\S+)/.exec(stdout)?.groups?.['version'] ?? null;
}

function unusable({ id }: Engine, reason: string): ExecutorProbe {
  return {
    isUsable: false,
    reason,
    isolation: 'none',
    limits: new Set(),
    isNetworkOff: false,
    canPinClock: false,
    platforms: [],
    builder: { name: id, version: 'unknown', runtime: null },
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof ArchiveError && typeof error.detail['reason'] === 'string') return error.detail['reason'];
  return error instanceof Error ? error.message : String(error);
}
