import { createWriteStream } from 'node:fs';
import { mkdir, open, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '@envarium/access';
import { PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import {
  blobPath,
  type Descriptor,
  type Digest,
  encodeLayoutIndex,
  type FileTree,
  isImageConfigType,
  MANIFEST_MAX_SIZE,
  OCI_LAYOUT,
  openOciLayout,
  parseDigest,
  parseImageConfig,
  parseManifest,
  type ParsedManifest,
  type Platform,
  type RandomAccessSource,
  selectPlatform,
} from '@envarium/oci';
import { ContentService, ManifestsService, type RepositoryRef } from '@envarium/registry';
import type { LayoutImage } from '@envarium/sandbox';
import { STORE, type Store } from '@envarium/storage';
import { storedBytes } from './stored-bytes.js';

export interface ArchivedImage {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  readonly parsed: ParsedManifest;
}

/** Images of the archive as OCI layouts on disk, where builders and runtimes find them, and back. */
@Injectable()
export class ImageLayoutsService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly content: ContentService,
    private readonly manifests: ManifestsService,
    @Inject(STORE) private readonly store: Store,
  ) {}

  /**
   * The image itself, or the one of an index that is made for a platform.
   * @throws ArchiveError PLATFORM_UNKNOWN, BLOB_UNKNOWN, MANIFEST_INVALID
   */
  async imageFor(digest: string, platform: Platform): Promise<ArchivedImage> {
    const image = await this.image(digest);
    if (image.parsed.kind !== 'index') return image;
    const candidates = image.parsed.manifests.map((child) => ({
      platform: child.platform ?? null,
      digest: child.digest,
    }));
    return await this.imageFor(selectPlatform(candidates, platform).digest, platform);
  }

  /** An image, or an index, as it is. @throws ArchiveError BLOB_UNKNOWN, MANIFEST_INVALID */
  async image(digest: string): Promise<ArchivedImage> {
    const bytes = await this.content.read(parseDigest(digest), MANIFEST_MAX_SIZE);
    const parsed = parseManifest(bytes);
    return { digest: parseDigest(digest), mediaType: parsed.mediaType, size: bytes.length, parsed };
  }

  /** What the config of an image says it is for, and when it was made. */
  async aboutOf({ parsed }: ArchivedImage): Promise<{ platform: Platform | null; created: Date | null }> {
    if (parsed.config === null || !isImageConfigType(parsed.config.mediaType)) return { platform: null, created: null };
    const config = parseImageConfig(await this.content.read(parseDigest(parsed.config.digest), MANIFEST_MAX_SIZE));
    const { os, architecture, variant, created } = config;
    const platform = { os, architecture, ...(typeof variant === 'string' && variant !== '' && { variant }) };
    const at = typeof created === 'string' ? new Date(created) : null;
    return { platform, created: at === null || Number.isNaN(at.getTime()) ? null : at };
  }

  /**
   * Writes a layout; every byte is verified on its way.
   * @throws ArchiveError BLOB_UNKNOWN, DIGEST_INVALID, SIZE_INVALID: the archive's own copy is not whole
   */
  async materialise(image: ArchivedImage, directory: string, signal: AbortSignal): Promise<LayoutImage> {
    const { parsed, digest, mediaType, size } = image;
    await mkdir(path.join(directory, 'blobs', 'sha256'), { recursive: true });
    const contents = new Map<string, Descriptor>(
      [...(parsed.config === null ? [] : [parsed.config]), ...parsed.layers].map((each) => [each.digest, each]),
    );
    for (const descriptor of contents.values()) {
      signal.throwIfAborted();
      const target = path.join(directory, blobPath(parseDigest(descriptor.digest)));
      await mkdir(path.dirname(target), { recursive: true });
      await pipeline(storedBytes(this.store, descriptor), createWriteStream(target), { signal });
    }
    await writeFile(path.join(directory, blobPath(digest)), await this.manifests.bytes(digest));
    await writeFile(path.join(directory, 'oci-layout'), OCI_LAYOUT);
    await writeFile(path.join(directory, 'index.json'), encodeLayoutIndex({ mediaType, digest, size }, null));
    return { layout: directory, digest };
  }

  /** Takes the image of a layout into a repository, by digest only. Safe to repeat. */
  async keep(principal: Principal, repository: RepositoryRef, { layout }: LayoutImage): Promise<ArchivedImage> {
    const source = await openOciLayout(directoryTree(layout));
    if (source.missing.some(({ kind }) => kind !== 'subject')) {
      throw new ArchiveError('ARCHIVE_INVALID', { reason: 'file-missing', path: 'blobs' });
    }
    for (const { digest, size } of source.blobs) {
      const heal = await this.content.isDamaged(parseDigest(digest));
      await this.store.blobs.put(source.blob(parseDigest(digest)), { digest: parseDigest(digest), size, heal });
    }
    await this.prisma.$transaction(async (tx) => {
      const rows = await this.content.register(tx, source.blobs);
      await this.content.attach(tx, repository.id, rows.values());
    });
    const { bytes, mediaType, digest } = source.root;
    await this.manifests.put(principal, repository, { bytes, contentType: mediaType, reference: digest });
    return { digest, mediaType, size: bytes.length, parsed: parseManifest(bytes, mediaType) };
  }
}

function directoryTree(directory: string): FileTree {
  return {
    open: async (name) => {
      const file = path.join(directory, name);
      const found = await stat(file).catch(() => null);
      return found?.isFile() === true ? fileSource(file, found.size) : null;
    },
  };
}

function fileSource(file: string, size: number): RandomAccessSource {
  return {
    size,
    read: async (offset, length) => {
      const handle = await open(file);
      try {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
        return buffer.subarray(0, bytesRead);
      } finally {
        await handle.close();
      }
    },
  };
}
