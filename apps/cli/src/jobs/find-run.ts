import type { ApiClient } from '../client/api-client.js';
import { usageError } from '../failure.js';

/**
 * The run that a person means: by its identifier, or by the label of a figure that came out of the version.
 * @throws CommandFailed where several runs made outputs of that label
 */
export async function findRun(api: ApiClient, version: string, asked: string): Promise<string> {
  const { items } = await api.links(version);
  const wanted = simplified(asked);
  const runs = new Set(items.filter(({ output }) => simplified(output.label) === wanted).map(({ run }) => run.id));
  const [run = asked, ...others] = runs;
  if (others.length === 0) return run;
  throw usageError(
    `${runs.size} runs made an output that is called ${asked}`,
    `Name the run itself: ${[...runs].join(', ')}`,
  );
}

/** "fig. 3" is not found here: labels stand in the archive as `envarium what-ran` prints them. */
function simplified(label: string): string {
  return label.trim().replaceAll(/\s+/g, ' ').toLowerCase();
}
