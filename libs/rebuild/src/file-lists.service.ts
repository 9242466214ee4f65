import { Inject, Injectable } from '@nestjs/common';
import {
  decodeFileList,
  describeFiles,
  encodeFileList,
  type FileListing,
  listFiles,
  listRulesName,
} from '@envarium/comparison';
import { assembleImageEnvironment } from '@envarium/environments';
import { ArchiveError } from '@envarium/errors';
import { MANIFEST_MAX_SIZE, parseDigest } from '@envarium/oci';
import { type ArchivedVersion, ContentStoreService, ProvenanceArchiveService } from '@envarium/provenance';
import { ContentService } from '@envarium/registry';
import { STORE, type Store } from '@envarium/storage';
import type { ArchivedImage } from './image-layouts.service.js';
import { copied } from './stored-bytes.js';

export interface ListRequest {
  readonly version: ArchivedVersion;
  readonly actor: string;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** The merged files of archived images: read once, written down, and from then on only looked up. */
@Injectable()
export class FileListsService {
  constructor(
    private readonly archive: ProvenanceArchiveService,
    private readonly contents: ContentStoreService,
    private readonly content: ContentService,
    @Inject(STORE) private readonly store: Store,
  ) {}

  /** @throws ArchiveError LAYER_INVALID, IMAGE_TOO_LARGE, BLOB_UNKNOWN, DIGEST_INVALID */
  async listing(image: ArchivedImage, request: ListRequest): Promise<FileListing> {
    const known = await this.archive.fileList(image.digest, listRulesName());
    if (known !== null) {
      const { content } = await this.contents.openContent(parseDigest(known.document.list.digest));
      return await decodeFileList(content);
    }
    return await this.list(image, request);
  }

  /** As `listing`, for whoever only wants it to be there. */
  async ensure(image: ArchivedImage, request: ListRequest): Promise<void> {
    if ((await this.archive.fileList(image.digest, listRulesName())) === null) await this.list(image, request);
  }

  private async list(image: ArchivedImage, request: ListRequest): Promise<FileListing> {
    const listing = await this.read(image, request);
    const list = await this.contents.storeContent(encodeFileList(listing));
    await this.archive.archiveFileList({
      version: request.version,
      document: describeFiles(listing, list),
      image: { mediaType: image.mediaType, digest: image.digest, size: image.size },
      environment: assembleImageEnvironment(listing, image.parsed.annotations),
      actor: request.actor,
    });
    return listing;
  }

  private async read({ digest, parsed }: ArchivedImage, { signal, onProgress }: ListRequest): Promise<FileListing> {
    if (parsed.config === null) throw new ArchiveError('LAYER_INVALID', { digest, reason: 'no-config' });
    const config = await this.content.read(parseDigest(parsed.config.digest), MANIFEST_MAX_SIZE);
    const layers = parsed.layers.map(({ digest: layer, mediaType, size }) => ({
      digest: parseDigest(layer),
      mediaType,
      size,
      open: () => this.opened(layer),
    }));
    return await listFiles(
      { manifestDigest: digest, config, layers },
      { signal, onProgress: ({ bytesRead, bytesTotal }) => onProgress(bytesRead, bytesTotal) },
    );
  }

  /** Not verified here: the listing does that. */
  private async *opened(digest: string): AsyncGenerator<Uint8Array, void, undefined> {
    yield* copied(await this.store.blobs.open(parseDigest(digest)));
  }
}
