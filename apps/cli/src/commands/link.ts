import { AssertedRole } from '@envarium/schema';
import { z } from 'zod';
import type { CommandContext, CommandInput } from '../context.js';
import { archiveFiles } from '../deposit/archive-files.js';
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
  role: AssertedRole,
});

export async function link(context: CommandContext, { args, options }: CommandInput): Promise<void> {
  const [reference = ''] = args;
  const { input, file, archive, ...claim } = Options.parse(options);
  const [inputs, files] = await Promise.all([Promise.all(input.map(hashFile)), Promise.all(file.map(hashFile))]);
  const { api, registry } = await context.connect();
  if (archive) {
    const { repository } = await api.version(reference);
    await archiveFiles(registry, repository, [...input, ...file], context.output);
  }
  const linked = await api.link(reference, { ...claim, inputs, files });
  const { article, output } = linked;
  context.output.result(linked, [...linkLines(linked), `Next: envarium what-ran ${article.doi} "${output.label}"`]);
}
