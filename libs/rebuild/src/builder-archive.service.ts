import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '@envarium/access';
import { PrismaService } from '@envarium/database';
import { buildImage, buildLayer, parsePlatform, type TarInput } from '@envarium/oci';
import { ContentService, ManifestsService, type RepositoryRef } from '@envarium/registry';
import { type Executor, nativePlatform } from '@envarium/sandbox';
import type { BuilderDescription } from '@envarium/schema';
import { STORE, type Store } from '@envarium/storage';

interface KeptBuilder {
  readonly description: BuilderDescription;
  readonly repositories: Set<bigint>;
}

/** The programs that build, kept as an image, so that they can be had when no distribution has them any more. */
@Injectable()
export class BuilderArchiveService {
  private readonly kept = new Map<string, KeptBuilder>();

  constructor(
    private readonly prisma: PrismaService,
    private readonly content: ContentService,
    private readonly manifests: ManifestsService,
    @Inject(STORE) private readonly store: Store,
  ) {}

  /** Safe to repeat: the same programs give the same image. */
  async keep(
    executor: Executor,
    principal: Principal,
    repository: RepositoryRef,
    flags: readonly string[],
  ): Promise<BuilderDescription> {
    const { builder } = await executor.probe();
    const key = `${executor.id} ${builder.version} ${builder.runtime ?? ''}`;
    const known = this.kept.get(key);
    if (known?.repositories.has(repository.id) === true) return { ...known.description, flags: [...flags] };
    const image = await this.keepPrograms(executor, principal, repository);
    const description: BuilderDescription = {
      executor: executor.id,
      name: builder.name,
      version: builder.version,
      runtime: builder.runtime,
      image,
      flags: [...flags],
    };
    const repositories = known?.repositories ?? new Set();
    this.kept.set(key, { description, repositories: repositories.add(repository.id) });
    return description;
  }

  private async keepPrograms(
    executor: Executor,
    principal: Principal,
    repository: RepositoryRef,
  ): Promise<BuilderDescription['image']> {
    const files = await executor.programFiles();
    if (files.length === 0) return null;
    const layer = await buildLayer(await tarInputs(files));
    const { os, architecture } = parsePlatform(nativePlatform());
    const image = buildImage({ layers: [layer], config: { os, architecture } });
    for (const { descriptor, content } of image.blobs) {
      const { digest, size } = descriptor;
      await this.store.blobs.put(content(), { digest, size, heal: await this.content.isDamaged(digest) });
    }
    await this.prisma.$transaction(async (tx) => {
      const rows = await this.content.register(
        tx,
        image.blobs.map(({ descriptor }) => descriptor),
      );
      await this.content.attach(tx, repository.id, rows.values());
    });
    const { bytes, descriptor } = image.manifest;
    await this.manifests.put(principal, repository, {
      bytes,
      contentType: descriptor.mediaType,
      reference: descriptor.digest,
    });
    return { digest: descriptor.digest, size: descriptor.size, mediaType: descriptor.mediaType };
  }
}

async function tarInputs(
  files: readonly { readonly path: string; readonly source: string; readonly mode: number }[],
): Promise<TarInput[]> {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const inputs: TarInput[] = [];
  for (const { path, source, mode } of sorted) {
    const { size } = await stat(source);
    inputs.push({ path: path.replace(/^\//, ''), size, mode, body: () => createReadStream(source) });
  }
  return inputs;
}
