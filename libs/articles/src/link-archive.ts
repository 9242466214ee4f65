import { Injectable } from '@nestjs/common';
import { ArchiveError } from '@envarium/errors';
import type { RecordEvent, Transaction } from '@envarium/journal';
import {
  ANNOTATION_TITLE,
  EMPTY_DESCRIPTOR,
  LINK_ARTIFACT_TYPE,
  MANIFEST_MAX_SIZE,
  OCI_IMAGE_MANIFEST,
  parseDigest,
  parseManifest,
} from '@envarium/oci';
import { ArtifactsService, ContentService, type NewManifest, type RepositoryRef } from '@envarium/registry';
import { LinkDocument } from '@envarium/schema';

const DOCUMENT_LIMIT = 16 * 1024 * 1024;

/** Links as OCI artifacts: their document is the config, the record artifact is the subject. */
@Injectable()
export class LinkArchive {
  constructor(
    private readonly artifacts: ArtifactsService,
    private readonly content: ContentService,
  ) {}

  async prepare(document: LinkDocument): Promise<NewManifest> {
    const record = parseDigest(document.recordDigest);
    const { length: size } = await this.content.read(record, MANIFEST_MAX_SIZE);
    await this.artifacts.document({}, EMPTY_DESCRIPTOR.mediaType);
    return await this.artifacts.prepare({
      artifactType: LINK_ARTIFACT_TYPE,
      config: await this.artifacts.document(document, LINK_ARTIFACT_TYPE),
      layers: [EMPTY_DESCRIPTOR],
      subject: { mediaType: OCI_IMAGE_MANIFEST, digest: record, size },
      annotations: { [ANNOTATION_TITLE]: `${document.output.asPrinted} of https://doi.org/${document.article.doi}` },
    });
  }

  async insert(
    tx: Transaction,
    record: RecordEvent,
    repository: RepositoryRef,
    artifact: NewManifest,
    actor: string,
  ): Promise<void> {
    await this.artifacts.insert(tx, record, repository, artifact, actor);
  }

  /** The document of an archived link. */
  async read(artifactDigest: string): Promise<LinkDocument> {
    const manifest = parseManifest(
      await this.content.read(parseDigest(artifactDigest), MANIFEST_MAX_SIZE),
      OCI_IMAGE_MANIFEST,
    );
    if (manifest.config === null)
      throw new ArchiveError('MANIFEST_INVALID', { digest: artifactDigest, reason: 'no-config' });
    const bytes = await this.content.read(parseDigest(manifest.config.digest), DOCUMENT_LIMIT);
    return LinkDocument.parse(JSON.parse(bytes.toString('utf8')));
  }
}
