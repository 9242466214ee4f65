import { Inject, Injectable } from '@nestjs/common';
import { ArchiveError } from '@envarium/errors';
import type { RunningJob } from '@envarium/jobs';
import { digestOf, parseDigest, parsePlatform, readTar, tarEntries, type TarInput } from '@envarium/oci';
import { ContentStoreService, ProvenanceArchiveService } from '@envarium/provenance';
import { findRecipe, pinBases, type RecipeFile, type RenderedRecipe, renderRecipe } from '@envarium/recipes';
import type { VersionRow } from '@envarium/records';
import type { ArchivedRecipe, RecipeBase, RecipeDocument } from '@envarium/schema';
import { BaseImagesService } from './base-images.service.js';
import { DepositFilesService } from './deposit-files.service.js';
import { REBUILD_OPTIONS, type RebuildOptions } from './rebuild-options.js';
import { readWhole } from './stored-bytes.js';

/** A recipe with the bytes of its Dockerfile and its context: everything a builder is given but its bases. */
export interface LoadedRecipe {
  readonly artifactDigest: string;
  readonly document: RecipeDocument;
  readonly dockerfile: string;
  readonly context: readonly RecipeFile[];
}

const DOCKERFILE_LIMIT = 1024 * 1024;
const CONTEXT_LIMIT = 256 * 1024 * 1024;
const EXECUTABLE = 0o755;
const PLAIN = 0o644;

/** Recipes of versions: made from what was deposited, pinned, archived, and read back. */
@Injectable()
export class RecipesService {
  constructor(
    private readonly files: DepositFilesService,
    private readonly bases: BaseImagesService,
    private readonly archive: ProvenanceArchiveService,
    private readonly contents: ContentStoreService,
    @Inject(REBUILD_OPTIONS) private readonly options: RebuildOptions,
  ) {}

  /**
   * Makes the recipe of a version and archives it. The same deposit, bases and options give the same recipe.
   * @throws ArchiveError RECIPE_UNKNOWN, RECIPE_INVALID, RECIPE_REFUSED, BASE_UNOBTAINABLE, VERSION_NOT_PUBLISHED
   */
  async make(version: VersionRow, job: RunningJob, platform: string, signal: AbortSignal): Promise<LoadedRecipe> {
    const { recordDigest } = version;
    if (recordDigest === null) throw new ArchiveError('VERSION_NOT_PUBLISHED', { state: version.state });
    // R packages without a day are those of the day of the deposit.
    const date = version.createdAt.toISOString().slice(0, 'yyyy-mm-dd'.length);
    const plan = findRecipe(await this.files.read(version), { toolchain: job.toolchain, platform, date });
    const rendered = renderRecipe(plan, { ...this.options.sources, base: this.baseOf(job, plan.origin) });
    const request = { principal: job.principal, repository: job.repository, platform: parsePlatform(platform), signal };
    const pinned: RecipeBase[] = [];
    const names = new Map<string, string>();
    for (const reference of rendered.bases) {
      const base = await this.bases.obtain(reference, request);
      const name = pinnedName(base);
      names.set(reference, name);
      if (!pinned.some((other) => other.reference === name)) pinned.push({ ...base, reference: name });
    }
    const dockerfile = Buffer.from(pinBases(rendered.dockerfile, names, { platform }));
    const context = await this.contents.storeContent(tarEntries(contextEntries(rendered.context)));
    const document: RecipeDocument = {
      schemaVersion: 1,
      record: { id: version.record.publicId, repository: version.record.repository.name },
      version: version.number,
      recordDigest,
      origin: rendered.origin,
      generator: rendered.generator,
      dockerfile: digestOf(dockerfile),
      context: context.digest,
      bases: pinned,
      platform,
      warnings: [...rendered.warnings],
      // Of the version, not of now: asked for again, it is the same recipe.
      createdAt: (version.publishedAt ?? version.createdAt).toISOString(),
      createdBy: version.createdBy,
    };
    const archived = await this.archive.archiveRecipe({ version, document, dockerfile, context });
    return { ...archived, dockerfile: dockerfile.toString('utf8'), context: rendered.context };
  }

  /** @throws ArchiveError BLOB_UNKNOWN, BLOB_CORRUPT: the archive's own copy is not whole */
  async load({ artifactDigest, document }: ArchivedRecipe): Promise<LoadedRecipe> {
    const dockerfile = await readWhole(this.contents, document.dockerfile, DOCKERFILE_LIMIT);
    const context: RecipeFile[] = [];
    const { content } = await this.contents.openContent(parseDigest(document.context));
    for await (const { path, type, mode, body } of readTar(content)) {
      if (type !== 'file') continue;
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) chunks.push(Buffer.from(chunk));
      context.push({ path, bytes: Buffer.concat(chunks), isExecutable: (mode & 0o111) !== 0 });
    }
    return { artifactDigest, document, dockerfile: dockerfile.toString('utf8'), context };
  }

  private baseOf(job: RunningJob, origin: 'deposited' | 'generated'): string {
    const base = job.base ?? this.options.recipeBase;
    if (base !== null) return base;
    if (origin === 'deposited') return 'scratch';
    throw new ArchiveError('BASE_UNOBTAINABLE', {
      reason: 'no-base',
      hint: 'name one in the request (`envarium rehearse --base`), or set ENVARIUM_RECIPE_BASE',
    });
  }
}

/** One name for one image, whatever registry it was named by: the name goes into the history of what is built. */
function pinnedName({ repository, digest }: Pick<RecipeBase, 'repository' | 'digest'>): string {
  return `localhost/${repository}:${digest.replace(':', '-')}`;
}

function contextEntries(files: RenderedRecipe['context']): TarInput[] {
  const total = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (total > CONTEXT_LIMIT) {
    throw new ArchiveError('RECIPE_REFUSED', { reason: 'context-too-large', size: total, limit: CONTEXT_LIMIT });
  }
  return files.map(({ path, bytes, isExecutable }) => ({
    path,
    size: bytes.length,
    mode: isExecutable ? EXECUTABLE : PLAIN,
    body: bytes,
  }));
}
