import { Injectable } from '@nestjs/common';
import type { RecordEvent, Transaction } from '@envarium/journal';
import {
  ANNOTATION_CREATED,
  ANNOTATION_TITLE,
  ANNOTATION_VERSION,
  type Descriptor,
  EMPTY_DESCRIPTOR,
  ENVIRONMENT_MANIFEST_TYPE,
  HARDWARE_FINGERPRINT_TYPE,
  PACKAGE_FILE_TYPE,
  parseDigest,
  RECORD_ARTIFACT_TYPE,
} from '@envarium/oci';
import { ArtifactsService, ContentService, type NewManifest, type RepositoryRef } from '@envarium/registry';
import { EnvironmentManifest, type RecordDocument } from '@envarium/schema';
import { CYCLONEDX_MEDIA_TYPE, serializeCycloneDx } from '@envarium/serializers';

/** An environment manifest of 200,000 packages fits well. */
const DOCUMENT_LIMIT = 256 * 1024 * 1024;

/**
 * A published version as an OCI artifact: the record document is the config, everything deposited is a layer with its
 * title, the archived image is the subject. `oras discover` on the image finds it, `oras pull` unpacks it.
 */
@Injectable()
export class RecordArtifactService {
  constructor(
    private readonly artifacts: ArtifactsService,
    private readonly content: ContentService,
  ) {}

  /** Makes all its bytes durable. Safe to repeat: the same document gives the same digest. */
  async prepare(document: RecordDocument): Promise<NewManifest> {
    const layers = await this.layers(document);
    // A manifest without layers is not portable: the specification has an empty one for that.
    if (layers.length === 0) await this.artifacts.document({}, EMPTY_DESCRIPTOR.mediaType);
    return await this.artifacts.prepare({
      artifactType: RECORD_ARTIFACT_TYPE,
      config: await this.artifacts.document(document, RECORD_ARTIFACT_TYPE),
      layers: layers.length === 0 ? [EMPTY_DESCRIPTOR] : layers,
      subject: document.image === null ? null : { ...document.image, digest: parseDigest(document.image.digest) },
      annotations: {
        [ANNOTATION_TITLE]: document.title,
        [ANNOTATION_VERSION]: `v${document.version}`,
        ...(document.publishedAt !== null && { [ANNOTATION_CREATED]: document.publishedAt }),
      },
    });
  }

  async insert(
    tx: Transaction,
    record: RecordEvent,
    repository: RepositoryRef,
    artifact: NewManifest,
    actor: string,
  ): Promise<{ id: bigint; digest: string }> {
    return await this.artifacts.insert(tx, record, repository, artifact, actor);
  }

  private async layers(document: RecordDocument): Promise<Descriptor[]> {
    const { environment, hardware } = document;
    const layers = document.packageFiles.map((file) => titled(PACKAGE_FILE_TYPE, file, file.path));
    if (environment !== null) {
      layers.push(titled(ENVIRONMENT_MANIFEST_TYPE, environment, 'envarium/environment-manifest.json'));
      layers.push(
        titled(CYCLONEDX_MEDIA_TYPE, await this.billOfMaterials(document, environment), 'envarium/sbom.cdx.json'),
      );
    }
    if (hardware !== null)
      layers.push(titled(HARDWARE_FINGERPRINT_TYPE, hardware, 'envarium/hardware-fingerprint.json'));
    return layers;
  }

  /** The same environment in the words of the supply-chain world; made again, it has the same bytes. */
  private async billOfMaterials(
    document: RecordDocument,
    environment: { digest: string },
  ): Promise<{ digest: string; size: number }> {
    const bytes = await this.content.read(parseDigest(environment.digest), DOCUMENT_LIMIT);
    const manifest = EnvironmentManifest.parse(JSON.parse(bytes.toString('utf8')));
    const subject = { name: document.record.repository, version: `v${document.version}` };
    return await this.content.write(serializeCycloneDx(manifest, subject));
  }
}

function titled(mediaType: string, stored: { digest: string; size: number }, title: string): Descriptor {
  return {
    mediaType,
    digest: parseDigest(stored.digest),
    size: stored.size,
    annotations: { [ANNOTATION_TITLE]: title },
  };
}
