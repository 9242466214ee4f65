import { AssertedRole, type HashedFile } from '@envarium/schema';
import { z } from 'zod';
import type { CommandContext, CommandInput } from '../context.js';
import { archiveFiles } from '../deposit/archive-files.js';
import { openCaptureArchive } from '../capture/capture-archive.js';
import type { RecordedRun } from '../capture/capture-list.js';
import { usageError } from '../failure.js';
import { hashFile } from '../hash-file.js';
import { linkLines } from '../text/link-text.js';

const Options = z.object({
  article: z.string(),
  articleTitle: z.string().optional(),
  output: z.string(),
  componentDoi: z.string().optional(),
  command: z.string().optional(),
  input: z.array(z.string()).default([]),
  file: z.array(z.string()).default([]),
  archive: z.boolean().default(false),
  run: z.string().optional(),
  role: AssertedRole,
});

export async function link(context: CommandContext, { args, options }: CommandInput): Promise<void> {
  const [reference = ''] = args;
  const { input, file, archive, run, ...claim } = Options.parse(options);
  const recorded = run === undefined ? null : await readRun(run);
  const [inputs, files] = await Promise.all([Promise.all(input.map(hashFile)), Promise.all(file.map(hashFile))]);
  const { api, registry } = await context.connect();
  if (archive) {
    const { repository } = await api.version(reference);
    await archiveFiles(registry, repository, [...input, ...file], context.output);
  }
  const linked = await api.link(reference, {
    ...claim,
    command: claim.command ?? recorded?.command,
    // What is named here comes before what was seen.
    inputs: inputs.length > 0 ? inputs : (recorded?.inputs ?? []).map(withoutOrigin),
    files: files.length > 0 ? files : (recorded?.outputs ?? []),
  });
  const { article, output } = linked;
  context.output.result(linked, [...linkLines(linked), `Next: envarium what-ran ${article.doi} "${output.label}"`]);
}

async function readRun(file: string): Promise<RecordedRun> {
  const { list } = await openCaptureArchive(file);
  if (list.run !== null) return list.run;
  throw usageError(`no run is recorded in ${file}`, 'Record one: envarium capture . -- COMMAND');
}

function withoutOrigin({ name, digest, size }: RecordedRun['inputs'][number]): HashedFile {
  return { name, digest, size };
}
