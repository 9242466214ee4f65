import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type {
  BuildJob,
  BuildOutcome,
  EventSink,
  Executor,
  LayoutImage,
  Limits,
  RunJob,
  RunOutcome,
} from './executor.js';
import { nativePlatform } from './platform.js';
import { writeTinyImage } from './tiny-image.js';

export const BASE = 'registry.example.org/lab/base:1';
export const EPOCH = 1_700_000_000;

/** Small, so that hostile recipes come to their ends soon. */
const LIMITS: Limits = {
  wallSeconds: 60,
  memoryBytes: 128 << 20,
  processes: 48,
  diskBytes: 96 << 20,
  cpus: 2,
  logBytes: 256 << 10,
};
const PROGRAMS = [
  'cat',
  'date',
  'dd',
  'env',
  'grep',
  'kill',
  'ln',
  'ls',
  'mkdir',
  'mknod',
  'mount',
  'perl',
  'sleep',
  'sort',
];

export interface Told<Outcome> {
  readonly outcome: Outcome;
  /** What the program printed, without what the builder says. */
  readonly printed: readonly string[];
  readonly all: string;
}

/** Jobs with one executor, each in a directory of its own, with an image of this machine's own shell. */
export class ExecutorJobs {
  private count = 0;

  private constructor(
    private readonly executor: Executor,
    readonly directory: string,
    readonly image: LayoutImage,
  ) {}

  static async open(executor: Executor, root: string, programs: readonly string[] = PROGRAMS): Promise<ExecutorJobs> {
    const directory = await mkdtemp(path.join(root, `envarium-executor-${executor.id}-`));
    return new ExecutorJobs(
      executor,
      directory,
      await writeTinyImage(path.join(directory, 'base'), programs, nativePlatform()),
    );
  }

  async close(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  /** @param recipe a Dockerfile without its first line, FROM */
  async build(
    recipe: string,
    changed: Partial<Omit<BuildJob, 'limits'>> & { readonly limits?: Partial<Limits> } = {},
    listener?: { readonly signal?: AbortSignal; readonly onLine?: (text: string) => void },
  ): Promise<Told<BuildOutcome>> {
    const { inside, directory } = await this.place();
    await mkdir(inside('context'));
    await writeFile(inside('context/hello'), 'hello\n');
    await writeFile(inside('Dockerfile'), recipe.startsWith('FROM') ? recipe : `FROM ${BASE}\n${recipe}\n`);
    return await told(listener?.onLine, async (sink) =>
      this.executor.build(
        {
          directory,
          context: inside('context'),
          dockerfile: inside('Dockerfile'),
          bases: [{ reference: BASE, image: this.image }],
          internet: { kind: 'off' },
          clock: { kind: 'host' },
          epoch: EPOCH,
          platform: nativePlatform(),
          ...changed,
          limits: { ...LIMITS, ...changed.limits },
        },
        sink,
        listener?.signal ?? new AbortController().signal,
      ),
    );
  }

  async run(
    command: string,
    changed: Partial<Omit<RunJob, 'limits'>> & { readonly limits?: Partial<Limits> } = {},
  ): Promise<Told<RunOutcome>> {
    const { directory } = await this.place();
    return await told(undefined, async (sink) =>
      this.executor.run(
        {
          directory,
          image: this.image,
          command,
          workingDirectory: null,
          environment: {},
          mounts: [],
          clock: { kind: 'host' },
          ...changed,
          limits: { ...LIMITS, ...changed.limits },
        },
        sink,
        new AbortController().signal,
      ),
    );
  }

  private async place(): Promise<{ inside: (name: string) => string; directory: string }> {
    this.count += 1;
    const root = path.join(this.directory, `job-${this.count}`);
    const inside = (name: string): string => path.join(root, name);
    await mkdir(inside('work'), { recursive: true });
    return { inside, directory: inside('work') };
  }
}

async function told<Outcome>(
  onLine: ((text: string) => void) | undefined,
  work: (sink: EventSink) => Promise<Outcome>,
): Promise<Told<Outcome>> {
  const lines: string[] = [];
  const outcome = await work({
    line: (_stream, text) => {
      lines.push(text);
      onLine?.(text);
    },
  });
  const printed = lines.filter(
    (line) => !/^(STEP |COMMIT |-->|Error: |Successfully tagged|[0-9a-f]{64}$|$)/.test(line),
  );
  return { outcome, printed, all: lines.join('\n') };
}
