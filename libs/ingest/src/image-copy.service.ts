import { Inject, Injectable } from '@nestjs/common';
import { type Principal, readableBy } from '@envarium/access';
import { PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import type { Digest, Tag } from '@envarium/oci';
import { ContentService, isFrozen, ManifestsService, type RepositoryRef } from '@envarium/registry';
import { STORE, type Store } from '@envarium/storage';
import type { UpstreamRegistry } from '@envarium/upstream';
import { type ImagePlan, type PlannedBlob, planImage } from './image-plan.js';
import type { ProgressCount } from './progress-count.js';

export interface ImageCopy {
  readonly upstream: UpstreamRegistry;
  readonly digest: Digest;
  readonly repository: RepositoryRef;
  readonly tag: Tag | null;
  readonly principal: Principal;
  readonly progress: ProgressCount;
  readonly signal: AbortSignal;
}

/** Blobs that travel at a time. */
const LANES = 3;

/**
 * Copies an image: first its image manifests are read, then the blobs come, and when all of them are here the manifests
 * become visible, children first, and the tag at last. Safe to repeat: what is here is not fetched again.
 */
@Injectable()
export class ImageCopyService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly content: ContentService,
    private readonly manifests: ManifestsService,
    @Inject(STORE) private readonly store: Store,
  ) {}

  /** @throws ArchiveError of what went wrong; the reason of the signal */
  async copy(copy: ImageCopy): Promise<void> {
    await this.requireMovable(copy);
    const plan = await planImage(copy.upstream, copy.digest, copy.progress, copy.signal);
    await this.copyBlobs(copy, plan.blobs);
    await this.showManifests(copy, plan);
  }

  /** The tag moves last of all; that it cannot is better said before hours of transfer. @throws ArchiveError TAG_IMMUTABLE */
  private async requireMovable({ repository, tag, digest }: ImageCopy): Promise<void> {
    if (tag === null || !(await isFrozen(this.prisma, repository.id, tag))) return;
    const where = { repositoryId: repository.id, name: tag, manifest: { digest } };
    if ((await this.prisma.tag.count({ where })) > 0) return;
    throw new ArchiveError('TAG_IMMUTABLE', { repository: repository.name, tag });
  }

  private async copyBlobs(copy: ImageCopy, blobs: readonly PlannedBlob[]): Promise<void> {
    const failed = new AbortController();
    const lanes = { ...copy, signal: AbortSignal.any([copy.signal, failed.signal]) };
    const waiting = blobs.values();
    const work = async (): Promise<void> => {
      for (const blob of waiting) {
        lanes.signal.throwIfAborted();
        await this.copyBlob(lanes, blob);
      }
    };
    const results = await Promise.allSettled(
      Array.from({ length: LANES }, async () => {
        try {
          await work();
        } catch (error) {
          // The first failure ends the others, and theirs is the same.
          failed.abort(error);
          throw error;
        }
      }),
    );
    copy.signal.throwIfAborted();
    if (results.some(({ status }) => status === 'rejected')) throw failed.signal.reason;
  }

  private async copyBlob(copy: ImageCopy, blob: PlannedBlob): Promise<void> {
    const { repository, progress } = copy;
    if (await this.isHere(copy, blob)) {
      progress.add('bytes', blob.size);
      progress.add('blobs', 1);
      return;
    }
    const isStored = await this.storeBlob(copy, blob);
    if (isStored) {
      await this.prisma.$transaction(async (tx) => {
        const rows = await this.content.register(tx, [blob]);
        await this.content.attach(tx, repository.id, rows.values());
      });
    } else progress.add('bytes', blob.size);
    progress.add('blobs', 1);
  }

  /**
   * In this repository, or in another one that the caller may read. Bytes that only others may read are fetched again: a
   * manifest can name any digest, and to know a digest is not to have the content.
   */
  private async isHere({ repository, principal }: ImageCopy, { digest, size }: PlannedBlob): Promise<boolean> {
    const where = { blob: { digest, size: BigInt(size), state: 'ok' } } as const;
    const own = { ...where, repositoryId: repository.id };
    if ((await this.prisma.repositoryBlob.count({ where: own })) > 0) return true;
    const readable = await this.prisma.repositoryBlob.findFirst({
      where: { ...where, repository: readableBy(principal) },
      select: { blobId: true },
    });
    if (readable === null) return false;
    await this.content.attach(this.prisma, repository.id, [readable.blobId]);
    return true;
  }

  /** @returns false when it is not there, and need not be */
  private async storeBlob(copy: ImageCopy, { digest, size, isOptional }: PlannedBlob): Promise<boolean> {
    let received = 0;
    const count = (amount: number): void => {
      received += amount;
      copy.progress.add('bytes', amount);
    };
    try {
      const bytes = counted(copy.upstream.blob({ digest, size }, 0, copy.signal), count);
      await this.store.blobs.put(bytes, { digest, size, heal: await this.content.isDamaged(digest) });
      return true;
    } catch (error) {
      count(-received);
      if (isOptional && error instanceof ArchiveError && error.code === 'UPSTREAM_UNKNOWN') return false;
      throw error;
    }
  }

  private async showManifests(copy: ImageCopy, { manifests, tags }: ImagePlan): Promise<void> {
    const { principal, repository, progress, signal } = copy;
    const byDigest = new Map<Digest, { bytes: Buffer; contentType: string }>();
    for (const { digest, bytes, mediaType } of manifests) {
      signal.throwIfAborted();
      byDigest.set(digest, { bytes, contentType: mediaType });
      await this.manifests.put(principal, repository, { bytes, contentType: mediaType, reference: digest });
      progress.add('manifests', 1);
    }
    const all = copy.tag === null ? tags : [...tags, { tag: copy.tag, digest: copy.digest }];
    for (const { tag, digest } of all) {
      signal.throwIfAborted();
      const manifest = byDigest.get(digest);
      if (manifest !== undefined) await this.manifests.put(principal, repository, { ...manifest, reference: tag });
    }
  }
}

async function* counted(
  content: AsyncIterable<Uint8Array>,
  count: (amount: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of content) {
    count(chunk.length);
    yield chunk;
  }
}
