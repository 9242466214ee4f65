import { Injectable } from '@nestjs/common';
import type { RecordEvent, Transaction } from '@envarium/journal';
import { canonicalJson } from '@envarium/schema';
import { type Descriptor, type Digest, OCI_IMAGE_MANIFEST, parseManifest } from '@envarium/oci';
import { ContentService } from './content.service.js';
import { ManifestsService } from './manifests.service.js';
import type { NewManifest } from './manifest-rows.js';
import type { RepositoryRef } from './repositories.service.js';

export interface ArtifactParts {
  readonly artifactType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject: Descriptor | null;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * OCI artifacts of our own: records, links, receipts. Bytes are made durable first (`prepare`, safe to repeat), rows
 * and event follow inside the caller's transaction (`insert`).
 */
@Injectable()
export class ArtifactsService {
  constructor(
    private readonly content: ContentService,
    private readonly manifests: ManifestsService,
  ) {}

  /** Stores a document and describes it. */
  async document(value: unknown, mediaType: string, annotations?: Record<string, string>): Promise<Descriptor> {
    const { digest, size } = await this.content.write(canonicalJson(value));
    return { mediaType, digest, size, ...(annotations !== undefined && { annotations }) };
  }

  async prepare(parts: ArtifactParts): Promise<NewManifest> {
    const bytes = canonicalJson({
      schemaVersion: 2,
      mediaType: OCI_IMAGE_MANIFEST,
      artifactType: parts.artifactType,
      config: parts.config,
      layers: parts.layers,
      ...(parts.subject !== null && { subject: parts.subject }),
      ...(parts.annotations !== undefined && { annotations: parts.annotations }),
    });
    const { digest, size } = await this.content.write(bytes);
    return { digest, size, parsed: parseManifest(bytes, OCI_IMAGE_MANIFEST) };
  }

  /** Rows and event; config and layers become visible in the repository. */
  async insert(
    tx: Transaction,
    record: RecordEvent,
    repository: RepositoryRef,
    artifact: NewManifest,
    actor: string,
  ): Promise<{ id: bigint; digest: Digest }> {
    const { config, layers } = artifact.parsed;
    const blobs = await this.content.register(tx, [...(config === null ? [] : [config]), ...layers], record);
    await this.content.attach(tx, repository.id, blobs.values());
    const { id } = await this.manifests.insert(tx, record, repository, artifact, actor);
    return { id, digest: artifact.digest };
  }
}
