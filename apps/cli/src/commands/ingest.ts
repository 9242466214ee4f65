import { parseRepositoryName } from '@envarium/oci';
import type { Ingest } from '@envarium/schema';
import { z } from 'zod';
import type { CommandContext, CommandInput } from '../context.js';
import { usageError } from '../failure.js';
import { followIngest } from '../ingest/follow-ingest.js';
import { ingestFailure } from '../ingest/ingest-failure.js';
import { secretFromStandardInput } from '../standard-input.js';
import { formatSize } from '../text/size.js';
import { table } from '../text/table.js';
import { count } from '../text/version-text.js';

const Options = z.object({
  tag: z.string().optional(),
  username: z.string().optional(),
  passwordStdin: z.boolean().default(false),
  detach: z.boolean().default(false),
});

export async function startIngest(context: CommandContext, { args, options }: CommandInput): Promise<void> {
  const [source = '', name = ''] = args;
  const { tag, username, passwordStdin, detach } = Options.parse(options);
  const repository = parseRepositoryName(name);
  const credentials = await readCredentials(username, passwordStdin);
  const { api } = await context.connect();

  const ingest = await api.ingest(repository, { source, tag, credentials });
  if (detach) {
    context.output.result(ingest, [
      `Ingest ${ingest.id} of ${ingest.source} is ${ingest.state}.`,
      `Next: envarium ingest watch ${ingest.id}`,
    ]);
    return;
  }
  await presentEnd(context, ingest.id);
}

export async function watchIngest(context: CommandContext, { args }: CommandInput): Promise<void> {
  await presentEnd(context, args[0] ?? '');
}

export async function cancelIngest(context: CommandContext, { args }: CommandInput): Promise<void> {
  const { api } = await context.connect();
  const ingest = await api.cancelIngest(args[0] ?? '');
  context.output.result(ingest, [`Ingest ${ingest.id} is cancelled; what was transferred stays.`]);
}

export async function listIngests(context: CommandContext, { args }: CommandInput): Promise<void> {
  const repository = parseRepositoryName(args[0] ?? '');
  const { api } = await context.connect();
  const { items } = await api.ingests(repository);
  const rows = items.map(({ id, source, state, createdAt, createdBy }) => [id, state, source, createdAt, createdBy]);
  const lines = rows.length === 0 ? ['No ingests.'] : table(['id', 'state', 'source', 'requested', 'by'], rows);
  context.output.result({ items }, lines);
}

/** Waits; says what came of it. @throws CommandFailed when it failed, was cancelled, or Ctrl-C ended the waiting */
async function presentEnd(context: CommandContext, id: string): Promise<void> {
  const { api } = await context.connect();
  const ended = await followIngest(api, id, context.output);
  if (ended.state !== 'done') throw ingestFailure(ended);
  for (const digest of ended.progress?.missing ?? []) {
    context.output.warn(`the other registry lists a referrer that it does not have: ${digest}`);
  }
  context.output.result(ended, doneLines(ended));
}

function doneLines({ repository, digest, tag, progress }: Ingest): string[] {
  const name = `${repository}@${digest ?? ''}`;
  const amounts =
    progress === null
      ? []
      : [
          `${count(progress.manifests.total, 'image manifest')} and ${count(progress.blobs.total, 'blob')}, ${formatSize(progress.bytes.total)}, every digest correct.`,
        ];
  const image = tag === null ? (digest ?? '') : tag;
  return [name, ...amounts, `Next: envarium deposit . --record ${repository} --image registry:${image}`];
}

async function readCredentials(username: string | undefined, isOnStandardInput: boolean) {
  if (username === undefined && !isOnStandardInput) return undefined;
  if (username === undefined || !isOnStandardInput) {
    throw usageError(
      '--username and --password-stdin belong together',
      'A password on the command line could be read by others on this machine: give it on standard input.',
    );
  }
  const password = await secretFromStandardInput();
  if (password === null) throw usageError('no password on standard input', 'As in: --password-stdin < password.txt');
  return { username, password };
}
