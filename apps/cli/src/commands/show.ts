import type { CommandContext, CommandInput } from '../context.js';
import { coverageLines } from '../text/coverage-text.js';
import { count, packageFileLines, versionLines } from '../text/version-text.js';

export async function show(context: CommandContext, { args }: CommandInput): Promise<void> {
  const [reference = ''] = args;
  const { api } = await context.connect();
  const version = await api.version(reference);
  const name = `${version.repository}@v${version.number}`;
  const [versions, files, links, coverage, facts] = await Promise.all([
    api.versions(version.repository),
    api.files(name),
    api.links(name),
    api.coverage(name),
    api.environmentFacts(name),
  ]);
  const document = { version, versions: versions.items, files: files.items, links: links.items, coverage, facts };
  context.output.result(document, [
    ...versionLines(version),
    ...packageFileLines(files.items),
    ...facts.statements,
    ...coverageLines(coverage),
    ...(versions.items.length < 2
      ? []
      : [`Versions: ${versions.items.map(({ number, state }) => `v${number} (${state})`).join(', ')}`]),
    links.items.length === 0
      ? 'No output of an article is linked to this version.'
      : `${count(links.items.length, 'output')} linked: ${links.items.map(({ output, article }) => `${output.label} of ${article.doi}`).join('; ')}`,
  ]);
}
