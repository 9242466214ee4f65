import { Injectable } from '@nestjs/common';
import { PrismaService } from '@envarium/database';
import type { VersionRow } from '@envarium/records';
import { RecipeDocument, type RouteCommand } from '@envarium/schema';
import { versionName } from '../version-name.js';
import type { ResolutionSource, SourceAnswer } from './source.js';

const MAX_FILES = 200;
/** Formats that a person can install from, best first: what pins most comes before what pins less. */
const INSTALLERS: Readonly<Record<string, (file: string, directory: string) => RouteCommand>> = {
  'conda-explicit': (file) => ({ client: 'conda', text: `conda create --name again --file ${file}` }),
  'package-lock': (_, directory) => ({ client: 'npm', text: `npm ci --prefix ${directory}` }),
  'renv-lock': (file) => ({
    client: 'Rscript',
    text: `Rscript -e 'renv::restore(lockfile = commandArgs(TRUE))' ${file}`,
  }),
  'conda-environment': (file) => ({ client: 'conda', text: `conda env create --name again --file ${file}` }),
  'pip-requirements': (file) => ({ client: 'pip', text: `pip install -r ${file}` }),
  dockerfile: (file, directory) => ({ client: 'docker', text: `docker build --file ${file} ${directory}` }),
};

/** From the package files alone, whatever their sources give on that day. It may look alike; it is not the environment. */
@Injectable()
export class ReResolveSource implements ResolutionSource {
  readonly name = 're-resolve';

  constructor(private readonly prisma: PrismaService) {}

  async detect(version: VersionRow): Promise<SourceAnswer[]> {
    const [recipe, files] = await Promise.all([
      this.prisma.recipe.findFirst({
        where: { versionId: version.id },
        orderBy: { id: 'desc' },
        select: { document: true },
      }),
      this.prisma.packageFile.findMany({
        where: { versionId: version.id, format: { in: Object.keys(INSTALLERS) } },
        orderBy: { path: 'asc' },
        take: MAX_FILES,
        select: { path: true, format: true },
      }),
    ]);
    if (recipe === null && files.length === 0) {
      const reason = 'no recipe, and no package file that an environment could be made from';
      return [{ attempt: { source: this.name, outcome: 'no-recipe', reason } }];
    }
    const from = recipe === null ? listed(files.map(({ path }) => path)) : describeRecipe(recipe.document);
    return [
      {
        route: {
          kind: 're-resolve',
          grade: 'partial',
          isApproximate: true,
          explanation: `made anew from ${from}, with whatever the sources give on that day: an approximation, never the archived environment`,
          provenAt: null,
          fixity: null,
          receipts: [],
          holders: [],
          pull: null,
          commands: commandsOf(version, files),
        },
      },
    ];
  }
}

interface InstallableFile {
  readonly path: string;
  readonly format: string | null;
}

function commandsOf(version: VersionRow, files: readonly InstallableFile[]): RouteCommand[] {
  const directory = `${version.record.repository.name.replaceAll('/', '-')}-v${version.number}`;
  const get = { client: 'envarium', text: `envarium files ${versionName(version)} --output ${directory}` };
  const installs = Object.entries(INSTALLERS).flatMap(([format, command]) =>
    files
      .filter((file) => file.format === format)
      .slice(0, 3)
      .map(({ path }) => command(quoted(`${directory}/${path}`), quoted(parentOf(`${directory}/${path}`)))),
  );
  return [get, ...installs];
}

function describeRecipe(document: unknown): string {
  const { warnings, createdAt } = RecipeDocument.parse(document);
  const open =
    warnings.length === 0
      ? ''
      : `, which leaves open: ${warnings
          .map(({ message }) => message)
          .slice(0, 3)
          .join('; ')}`;
  return `the recipe of ${createdAt.slice(0, 10)}${open}`;
}

function listed(paths: readonly string[]): string {
  const shown = paths.slice(0, 3).join(', ');
  return paths.length > 3 ? `${shown} and ${paths.length - 3} more` : shown;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

/** For a POSIX shell: paths are somebody else's text. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
