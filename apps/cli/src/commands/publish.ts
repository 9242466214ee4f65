import { z } from 'zod';
import type { CommandContext, CommandInput } from '../context.js';
import { versionLines, versionName } from '../text/version-text.js';

const Options = z.object({ acceptSecrets: z.boolean().default(false) });

export async function publish(context: CommandContext, { args, options }: CommandInput): Promise<void> {
  const [reference = ''] = args;
  const { acceptSecrets } = Options.parse(options);
  const { api } = await context.connect();
  const version = await api.publish(reference, acceptSecrets);
  const name = versionName(version);
  context.output.result(version, [
    ...versionLines(version),
    `Cite it as ${name}, ${version.recordDigest ?? ''}`,
    `Next: envarium link ${name} --article DOI --output "Figure 1" --file FIGURE`,
  ]);
}
