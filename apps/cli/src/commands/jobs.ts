import { type CreateJob, type Job, RecipeToolchain } from '@envarium/schema';
import { z } from 'zod';
import type { CommandContext, CommandInput } from '../context.js';
import { printable } from '../jobs/job-display.js';
import { findRun } from '../jobs/find-run.js';
import { followJob } from '../jobs/follow-job.js';
import { jobFailure } from '../jobs/job-failure.js';
import { fields, table } from '../text/table.js';

const Options = z.object({ log: z.boolean().default(false), detach: z.boolean().default(false) });
const Rehearsal = z.object({
  base: z.string().optional(),
  toolchain: RecipeToolchain.default('apt'),
  complete: z.boolean().default(false),
});
const Rebuild = z.object({ assisted: z.boolean().default(false) });
const Tolerance = z.object({
  relative: z.coerce.number().nonnegative().optional(),
  absolute: z.coerce.number().nonnegative().optional(),
  pixels: z.coerce.number().min(0).max(1).optional(),
});

export async function rehearse(context: CommandContext, input: CommandInput): Promise<void> {
  const { base, toolchain, complete } = Rehearsal.parse(input.options);
  const asked = { toolchain, complete, ...(base !== undefined && { base }) };
  await request(context, input, { kind: 'rehearse', ...asked });
}

export async function rebuild(context: CommandContext, input: CommandInput): Promise<void> {
  await request(context, input, { kind: 'rebuild', ...Rebuild.parse(input.options) });
}

export async function rerun(context: CommandContext, input: CommandInput): Promise<void> {
  const [version = '', asked = ''] = input.args;
  const { api } = await context.connect();
  const runId = await findRun(api, version, asked);
  const { relative = 0, absolute = 0, pixels = 0 } = Tolerance.parse(input.options);
  await request(context, input, { kind: 'rerun', runId, tolerance: { relative, absolute, pixels } });
}

export async function watchJob(context: CommandContext, { args, options }: CommandInput): Promise<void> {
  await presentEnd(context, args[0] ?? '', Options.parse(options).log);
}

export async function cancelJob(context: CommandContext, { args }: CommandInput): Promise<void> {
  const { api } = await context.connect();
  const job = await api.cancelJob(args[0] ?? '');
  const line = job.state === 'ended' ? `Job ${job.id} is cancelled.` : `Job ${job.id} ends within seconds.`;
  context.output.result(job, [line]);
}

export async function listJobs(context: CommandContext, { args }: CommandInput): Promise<void> {
  const { api } = await context.connect();
  const { items, next } = await api.jobs(args[0] ?? '');
  const rows = items.map(({ id, kind, version, state, outcome, result, createdAt, createdBy }) => {
    return [id, kind, `v${version}`, outcome ?? state, result?.grade ?? '', createdAt, createdBy];
  });
  const header = ['id', 'kind', 'version', 'state', 'grade', 'requested', 'by'];
  context.output.result({ items, next }, rows.length === 0 ? ['No jobs.'] : table(header, rows));
  if (next !== null) context.output.remark('There are more; these are the newest.');
}

/** Piece by piece, as it comes: only one document must be whole. */
export async function printJobLog(context: CommandContext, { args }: CommandInput): Promise<void> {
  const { output } = context;
  const { api } = await context.connect();
  const all: string[] = [];
  for await (const lines of linesOf(await api.jobLog(args[0] ?? ''))) {
    if (output.isJson) all.push(...lines);
    else output.result(null, lines.map(printable));
  }
  if (output.isJson) output.result({ lines: all }, []);
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (lines.length > 0) yield lines;
  }
  if (rest !== '') yield [rest];
}

async function request(
  context: CommandContext,
  { args, options }: CommandInput,
  asked: Partial<CreateJob>,
): Promise<void> {
  const { log, detach } = Options.parse(options);
  const { api } = await context.connect();
  const job = await api.requestJob(args[0] ?? '', asked);
  if (!detach) return await presentEnd(context, job.id, log);
  context.output.result(job, [`Job ${job.id} is ${job.state}.`, `Next: envarium jobs watch ${job.id}`]);
}

/** Waits; says what came of it. @throws CommandFailed when it ended otherwise than ready, or Ctrl-C ended the waiting */
async function presentEnd(context: CommandContext, id: string, showLog: boolean): Promise<void> {
  const { output } = context;
  const { api } = await context.connect();
  const job = await followJob(api, id, output, showLog);
  if (job.outcome === 'ready') return output.result(job, endLines(job));
  if (!output.isJson) for (const line of endLines(job)) output.remark(line);
  throw jobFailure(job);
}

function endLines(job: Job): string[] {
  const { id, kind, repository, version, outcome, result } = job;
  const name = `${repository}@v${version}`;
  return [
    `${kind} of ${name}: ${outcome}`,
    ...fields([
      ['grade', result?.grade ?? null],
      ['summary', result?.summary ?? null],
      ['receipts', result?.receipts ?? null],
      ['artifacts', result?.artifacts ?? null],
    ]),
    `Next: ${nextCommand(job, name, id)}`,
  ];
}

function nextCommand({ kind, outcome }: Job, name: string, id: string): string {
  if (outcome === 'closure-incomplete') return `envarium rehearse ${name}`;
  if (outcome !== 'ready') return `envarium jobs log ${id}`;
  return kind === 'rehearse' ? `envarium rebuild ${name}` : `envarium resolve ${name}`;
}
