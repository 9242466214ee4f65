import { Inject, Injectable } from '@nestjs/common';
import { type Principal, readableBy } from '@envarium/access';
import { PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import type { Digest } from '@envarium/oci';
import { type BlobReader, STORE, type Store } from '@envarium/storage';
import { holdSoundBlobs } from './blob-rows.js';
import { ContentService } from './content.service.js';
import { PublicContentCache } from './public-content-cache.js';
import type { RepositoryRef } from './repositories.service.js';

/** Blobs as a repository shows them. */
@Injectable()
export class BlobsService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly content: ContentService,
    private readonly cache: PublicContentCache,
    @Inject(STORE) private readonly store: Store,
  ) {}

  /** Length in bytes. @throws ArchiveError BLOB_UNKNOWN: not in this repository, or known to be damaged */
  async size(repository: RepositoryRef, digest: Digest): Promise<number> {
    const find = async (): Promise<bigint | null> => await this.content.visibleSize(repository.id, digest);
    const size =
      repository.isPublic === true ? await this.cache.find(`blob ${repository.id} ${digest}`, find) : await find();
    if (size === null) throw new ArchiveError('BLOB_UNKNOWN', { digest, repository: repository.name });
    return Number(size);
  }

  /** @param range inclusive byte positions inside the blob */
  async open(digest: Digest, range?: { start: number; end: number }): Promise<BlobReader> {
    return await this.store.blobs.open(digest, range);
  }

  /**
   * Makes a blob of one repository visible in another, without bytes.
   * @param from null: from any repository that the caller can read
   * @returns false when the caller cannot read it there: the same answer as when it does not exist
   */
  async mount(principal: Principal, target: RepositoryRef, from: string | null, digest: Digest): Promise<boolean> {
    const source = await this.prisma.repositoryBlob.findFirst({
      where: {
        repository: { ...readableBy(principal), ...(from !== null && { name: from }) },
        blob: { digest, state: 'ok' },
      },
      select: { blobId: true },
    });
    if (source === null) return false;
    return await this.prisma.$transaction(async (tx) => {
      const [blob] = await holdSoundBlobs(tx, [digest]);
      if (blob === undefined) return false;
      await this.content.attach(tx, target.id, [blob.id]);
      return true;
    });
  }
}
