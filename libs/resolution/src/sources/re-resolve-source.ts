import { Injectable } from '@nestjs/common';
import { PrismaService } from '@envarium/database';
import type { VersionRow } from '@envarium/records';
import { RecipeDocument, type RouteCommand } from '@envarium/schema';
import { ImageClosure } from '../image-closure.js';
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

  constructor(
    private readonly prisma: PrismaService,
    private readonly closure: ImageClosure,
  ) {}

  async detect(version: VersionRow): Promise<SourceAnswer[]> {
    const [recipe, files] = await Promise.all([this.recipe(version.id), this.files(version.id)]);
    if (recipe === null && files.length === 0) {
      return this.none('no-recipe', 'no recipe, and no package file that an environment could be made from');
    }
    const known = [...(recipe === null ? [] : [recipe.artifactDigest]), ...files.map(({ digest }) => digest)];
    const damaged = new Set(await this.damagedOf(known));
    const sound = files.filter(({ digest }) => !damaged.has(digest));
    const isRecipeSound = recipe !== null && (await this.damagedOf([recipe.artifactDigest])).length === 0;
    if (!isRecipeSound && sound.length === 0) {
      return this.none(
        'damaged',
        `recipe and package files are damaged or missing: ${[...damaged].slice(0, 3).join(', ')}`,
      );
    }
    const from = isRecipeSound ? describeRecipe(recipe.document) : listed(sound.map(({ path }) => path));
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
          commands: commandsOf(version, sound),
        },
      },
    ];
  }

  private async recipe(versionId: bigint) {
    return await this.prisma.recipe.findFirst({
      where: { versionId },
      orderBy: { id: 'desc' },
      select: { artifactDigest: true, document: true },
    });
  }

  private async files(versionId: bigint) {
    return await this.prisma.packageFile.findMany({
      where: { versionId, format: { in: Object.keys(INSTALLERS) } },
      orderBy: { path: 'asc' },
      take: MAX_FILES,
      select: { path: true, format: true, digest: true },
    });
  }

  private async damagedOf(digests: readonly string[]): Promise<string[]> {
    const blobs = await this.closure.blobsOfAll(digests);
    return blobs.filter(({ state }) => state !== 'ok').map(({ digest }) => digest);
  }

  private none(outcome: string, reason: string): SourceAnswer[] {
    return [{ attempt: { source: this.name, outcome, reason } }];
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
