import { z } from 'zod';
import type { CommandContext, CommandInput } from '../context.js';
import { notFound, usageError } from '../failure.js';
import { hashFile } from '../hash-file.js';
import { linkLines } from '../text/link-text.js';

const Options = z.object({ file: z.string().optional() });

export async function whatRan(context: CommandContext, { args, options }: CommandInput): Promise<void> {
  const [doi, output] = args;
  const { file } = Options.parse(options);
  if ((doi === undefined) === (file === undefined)) {
    throw usageError('say what to look for', 'Give DOI and LABEL, the DOI of a figure, or --file FIGURE; one of them.');
  }
  const digest = file === undefined ? undefined : (await hashFile(file)).digest;
  const { api, isLoggedIn } = await context.connect();
  const { items, next } = await api.whatRan({ doi, output, file: digest });
  if (items.length === 0) {
    const asked =
      digest === undefined ? [doi, output].filter((part) => part !== undefined).join(', ') : `${file} (${digest})`;
    throw notFound(
      `nothing is known of ${asked}`,
      isLoggedIn
        ? 'Check the spelling of the DOI and of the label.'
        : 'Private records are shown to their members only: `envarium login`.',
    );
  }
  context.output.result(
    { items, next },
    items.flatMap((item, index) => (index === 0 ? linkLines(item) : ['', ...linkLines(item)])),
  );
  if (next !== null) context.output.remark('There are more; these are the first.');
}
