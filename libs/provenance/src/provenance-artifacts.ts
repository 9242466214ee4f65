import { Injectable } from '@nestjs/common';
import { ArchiveError } from '@envarium/errors';
import type { RecordEvent, Transaction } from '@envarium/journal';
import {
  ANNOTATION_TITLE,
  type ContentClaim,
  type Descriptor,
  MANIFEST_MAX_SIZE,
  OCI_IMAGE_MANIFEST,
  parseDigest,
  type ParsedManifest,
  parseManifest,
} from '@envarium/oci';
import { type ArtifactParts, ArtifactsService, ContentService, type NewManifest } from '@envarium/registry';
import type { VersionRow } from '@envarium/records';
import { EnvironmentManifest } from '@envarium/schema';
import { z } from 'zod';

/** Of documents and envelopes; attestation refuses larger envelopes too. */
const DOCUMENT_LIMIT = 16 * 1024 * 1024;
/** As records read them: some 200,000 packages. */
const ENVIRONMENT_LIMIT = 256 * 1024 * 1024;

/** What of a version decides where its artifacts go. */
export type ArchivedVersion = Pick<VersionRow, 'id' | 'number' | 'recordDigest' | 'imageDigest' | 'record'>;

export interface PreparedArtifact {
  readonly manifest: NewManifest;
  /** Content that was stored beforehand, under its claimed size. */
  readonly stored: readonly ContentClaim[];
}

/** Recipes, closures, file lists and receipts as OCI artifacts with a subject: how they are written, and read again. */
@Injectable()
export class ProvenanceArtifacts {
  constructor(
    private readonly artifacts: ArtifactsService,
    private readonly content: ContentService,
  ) {}

  /** Stores a small document, or bytes, and describes them. */
  async document(value: unknown, mediaType: string): Promise<Descriptor> {
    return await this.artifacts.document(value, mediaType);
  }

  async bytes(bytes: Uint8Array, mediaType: string, title: string): Promise<Descriptor> {
    const { digest, size } = await this.content.write(bytes);
    return describe({ digest, size }, mediaType, title);
  }

  async prepare(parts: ArtifactParts, stored: readonly ContentClaim[]): Promise<PreparedArtifact> {
    return { manifest: await this.artifacts.prepare(parts), stored };
  }

  /** Rows and events of the artifact. @throws ArchiveError BLOB_UNKNOWN when it names content that is not here */
  async insert(
    tx: Transaction,
    record: RecordEvent,
    version: ArchivedVersion,
    { manifest, stored }: PreparedArtifact,
    actor: string,
  ): Promise<void> {
    await requireStored(tx, stored);
    await this.artifacts.insert(tx, record, version.record.repository, manifest, actor);
  }

  /** Descriptor of an artifact that is stored here, as a subject. */
  async describeArtifact(digest: string): Promise<Descriptor> {
    const { length: size } = await this.content.read(parseDigest(digest), MANIFEST_MAX_SIZE);
    return { mediaType: OCI_IMAGE_MANIFEST, digest: parseDigest(digest), size };
  }

  /** The config of an archived artifact of ours, and its layers. */
  async read<T>(artifactDigest: string, schema: z.ZodType<T>): Promise<{ document: T; layers: readonly Descriptor[] }> {
    const { config, layers } = await this.manifest(artifactDigest);
    if (config === null) throw new ArchiveError('MANIFEST_INVALID', { digest: artifactDigest, reason: 'no-config' });
    const bytes = await this.readBytes(config.digest);
    return { document: schema.parse(JSON.parse(bytes.toString('utf8'))), layers };
  }

  async readBytes(digest: string): Promise<Buffer> {
    return await this.content.read(parseDigest(digest), DOCUMENT_LIMIT);
  }

  async readEnvironment(digest: string): Promise<EnvironmentManifest> {
    const bytes = await this.content.read(parseDigest(digest), ENVIRONMENT_LIMIT);
    return EnvironmentManifest.parse(JSON.parse(bytes.toString('utf8')));
  }

  private async manifest(digest: string): Promise<ParsedManifest> {
    return parseManifest(await this.content.read(parseDigest(digest), MANIFEST_MAX_SIZE), OCI_IMAGE_MANIFEST);
  }
}

export function describe({ digest, size }: ContentClaim, mediaType: string, title?: string): Descriptor {
  return {
    mediaType,
    digest,
    size,
    ...(title !== undefined && { annotations: { [ANNOTATION_TITLE]: title } }),
  };
}

/** Naming makes a row where there is none: what is named by its digest alone must be known to be here first. */
async function requireStored(tx: Transaction, claims: readonly ContentClaim[]): Promise<void> {
  if (claims.length === 0) return;
  const rows = await tx.$queryRaw<{ digest: string; size: bigint }[]>`
    SELECT digest, size FROM blob
    WHERE digest = ANY(${claims.map(({ digest }) => digest)}::text[]) AND state IN ('ok', 'quarantined')`;
  const sizes = new Map(rows.map((row) => [row.digest, Number(row.size)]));
  const lost = claims.find(({ digest, size }) => sizes.get(digest) !== size);
  if (lost === undefined) return;
  throw new ArchiveError('BLOB_UNKNOWN', { digest: lost.digest, expected: lost.size, actual: sizes.get(lost.digest) });
}
