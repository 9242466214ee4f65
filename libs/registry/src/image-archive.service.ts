import { Inject, Injectable } from '@nestjs/common';
import { PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import {
  type ArchivedManifest,
  type ContentDescriptor,
  type Digest,
  type ImageArchive,
  layOutImageArchive,
  type ManifestReference,
  parsePlatform,
  type TarRange,
  verifyContent,
} from '@envarium/oci';
import { STORE, type Store } from '@envarium/storage';
import { ImageTreeService } from './image-tree.service.js';
import type { RepositoryRef } from './repositories.service.js';

export interface ImageArchiveRequest {
  /** Tag or digest. */
  readonly reference: string;
  /** As in `linux/arm64`: only this image of an index. Null: all. */
  readonly platform: string | null;
}

export interface RepositoryImageArchive extends ImageArchive {
  /** Of the image in the archive: of the one for the platform, when one was asked for. */
  readonly digest: Digest;
  /** Under which tools find it; of an image that was asked for by digest, the beginning of that. */
  readonly tag: string;
}

/** Real images have tens of layers. The number is below what one statement can ask for. */
const MAX_BLOBS = 10_000;
const STATS_AT_ONCE = 16;
const SHORT_DIGEST = 12;

/** Images as one tar: everything about it is known before its first byte is sent. */
@Injectable()
export class ImageArchiveService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly trees: ImageTreeService,
    @Inject(STORE) private readonly store: Store,
  ) {}

  /**
   * Reads the image manifests, not the blobs.
   * @param tag instead of the one that `request` implies
   * @throws ArchiveError MANIFEST_UNKNOWN, DIGEST_INVALID, REQUEST_INVALID, PLATFORM_UNKNOWN; IMAGE_NOT_PORTABLE with
   *   `reason`: content-absent, content-damaged, not-distributable, limit
   */
  async layOut(
    repository: RepositoryRef,
    { reference, platform }: ImageArchiveRequest,
    tag: string = tagOf(reference),
  ): Promise<RepositoryImageArchive> {
    const wanted = platform === null ? null : parsePlatform(platform);
    const whole = await this.trees.root(repository, reference);
    const root = wanted === null ? whole : await this.trees.select(repository, whole, wanted);
    const manifests = await this.trees.read(repository, root);
    const blobs = await this.blobs(repository, manifests);
    const name = { repository: repository.name, tag };
    const archive = layOutImageArchive({ manifests, blobs, name }, (content, range) => this.bytes(content, range));
    return { ...archive, digest: root.descriptor.digest, tag };
  }

  /**
   * Looks whether the store has it all: a loss is told before the first byte rather than by a connection that breaks.
   * @throws ArchiveError BLOB_CORRUPT
   */
  async requireStored({ contents }: ImageArchive): Promise<void> {
    for (let done = 0; done < contents.length; done += STATS_AT_ONCE) {
      await Promise.all(contents.slice(done, done + STATS_AT_ONCE).map((content) => this.requireOne(content)));
    }
  }

  private async requireOne({ digest, size }: ContentDescriptor): Promise<void> {
    const found = await this.store.blobs.stat(digest);
    if (found?.size !== size) throw corrupt(digest, size, found?.size ?? null);
  }

  /** Configs, layers and what else the image manifests name, at the size that the rows say. */
  private async blobs(repository: RepositoryRef, manifests: readonly ArchivedManifest[]): Promise<ContentDescriptor[]> {
    const known = new Set(manifests.map(({ descriptor }) => descriptor.digest));
    const named = new Map<Digest, ManifestReference>();
    for (const reference of manifests.flatMap(({ parsed }) => parsed.references)) {
      const { digest } = reference.descriptor;
      if (reference.kind !== 'subject' && !known.has(digest)) named.set(digest, reference);
    }
    if (named.size > MAX_BLOBS) throw new ArchiveError('IMAGE_NOT_PORTABLE', { reason: 'limit', limit: MAX_BLOBS });
    const rows = await this.prisma.repositoryBlob.findMany({
      where: { repositoryId: repository.id, blob: { digest: { in: [...named.keys()] } } },
      select: { blob: { select: { digest: true, size: true, state: true } } },
    });
    const held = new Map(rows.map(({ blob }) => [blob.digest, blob]));
    const blobs = new Map<Digest, ContentDescriptor>();
    const refused = new Map<string, string>();
    for (const [digest, { descriptor, isOptional }] of named) {
      const { mediaType } = descriptor;
      const blob = held.get(digest);
      if (blob?.state === 'ok') blobs.set(digest, { mediaType, digest, size: Number(blob.size) });
      else refused.set(digest, blob ? 'content-damaged' : isOptional ? 'not-distributable' : 'content-absent');
    }
    if (refused.size > 0) throw notPortable(refused);
    return [...blobs.values()];
  }

  /** The whole is compared with its digest, a part can only be counted. */
  private async *bytes(
    { digest, size }: ContentDescriptor,
    range?: TarRange,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      const reader = await this.store.blobs.open(digest, range);
      if (reader.size !== size) {
        await reader.close();
        throw corrupt(digest, size, reader.size);
      }
      yield* range === undefined ? verifyContent(reader, { digest, size }) : reader;
    } catch (error) {
      const isDamaged =
        error instanceof ArchiveError &&
        ['BLOB_UNKNOWN', 'DIGEST_INVALID', 'RANGE_INVALID', 'SIZE_INVALID'].includes(error.code);
      throw isDamaged ? new ArchiveError('BLOB_CORRUPT', { digest }, { cause: error }) : error;
    }
  }
}

function tagOf(reference: string): string {
  const colon = reference.indexOf(':');
  return colon === -1 ? reference : reference.slice(colon + 1, colon + 1 + SHORT_DIGEST);
}

function notPortable(refused: ReadonlyMap<string, string>): ArchiveError {
  const [reason] = refused.values();
  const contents = [...refused].slice(0, 20).map(([digest, why]) => ({ digest, reason: why }));
  return new ArchiveError('IMAGE_NOT_PORTABLE', { reason, contents });
}

function corrupt(digest: Digest, expected: number, actual: number | null): ArchiveError {
  return new ArchiveError('BLOB_CORRUPT', { digest, expected, actual });
}
