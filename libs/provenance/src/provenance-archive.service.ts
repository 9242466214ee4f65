import { Injectable } from '@nestjs/common';
import { PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { JournalService } from '@envarium/journal';
import {
  BUILD_CONTEXT_TYPE,
  CLOSURE_ARTIFACT_TYPE,
  CLOSURE_CONTENT_TYPE,
  CLOSURE_PACKAGES_TYPE,
  type ContentClaim,
  type Descriptor,
  DOCKERFILE_TYPE,
  ENVIRONMENT_MANIFEST_TYPE,
  EXCHANGES_TYPE,
  FILE_LIST_ARTIFACT_TYPE,
  FILE_LIST_TYPE,
  digestOf,
  parseDigest,
  RECIPE_ARTIFACT_TYPE,
} from '@envarium/oci';
import {
  type ArchivedClosure,
  type ArchivedRecipe,
  ClosureDocument,
  EnvironmentManifest,
  FileListDocument,
  RecipeDocument,
} from '@envarium/schema';
import { type ArchivedVersion, describe, type PreparedArtifact, ProvenanceArtifacts } from './provenance-artifacts.js';
import { type ArchivedFileList, presentFileList } from './provenance.presenter.js';
import { writeClosure, writeFileList, writeRecipe } from './provenance-rows.js';
import { storableJson } from './storable-json.js';

/** An image manifest is at most 4 MiB, and each body takes some 150 bytes of it. */
export const CLOSURE_MAX_BODIES = 15_000;

export interface NewRecipe {
  readonly version: ArchivedVersion;
  readonly document: RecipeDocument;
  readonly dockerfile: Uint8Array;
  /** The tar that `document.context` names; stored before. */
  readonly context: ContentClaim;
}

export interface NewClosure {
  readonly version: ArchivedVersion;
  /** Names `exchanges.jsonl` and `packages.jsonl`; both were stored before. */
  readonly document: ClosureDocument;
  /** What the exchanges name; stored before. The same body may stand here several times. */
  readonly bodies: readonly ContentClaim[];
}

export interface NewFileList {
  readonly version: ArchivedVersion;
  /** Names `files.jsonl.gz`, which was stored before. */
  readonly document: FileListDocument;
  /** The image that the files are of. */
  readonly image: Descriptor;
  /** What the image says of its packages, where somebody read it. */
  readonly environment?: EnvironmentManifest;
  readonly actor: string;
}

/**
 * Keeps how an environment was rebuilt: as an artifact first, whose bytes are durable, then as rows and an event in one
 * transaction. The same document again is the same artifact and the same row.
 */
@Injectable()
export class ProvenanceArchiveService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly journal: JournalService,
    private readonly artifacts: ProvenanceArtifacts,
  ) {}

  /**
   * @throws ArchiveError VERSION_NOT_PUBLISHED, BLOB_UNKNOWN (the context is not stored), DIGEST_INVALID (the document names
   *   other content than what is given)
   */
  async archiveRecipe({ version, document: given, dockerfile, context }: NewRecipe): Promise<ArchivedRecipe> {
    const document = RecipeDocument.parse(storableJson(given));
    const subject = await this.recordOf(version);
    requireSame('recordDigest', document.recordDigest, version.recordDigest);
    requireSame('dockerfile', document.dockerfile, digestOf(dockerfile));
    requireSame('context', document.context, context.digest);
    const artifact = await this.artifacts.prepare(
      {
        artifactType: RECIPE_ARTIFACT_TYPE,
        config: await this.artifacts.document(document, RECIPE_ARTIFACT_TYPE),
        layers: [
          await this.artifacts.bytes(dockerfile, DOCKERFILE_TYPE, 'Dockerfile'),
          describe(context, BUILD_CONTEXT_TYPE, 'context.tar'),
        ],
        subject,
      },
      [context],
    );
    const { digest } = artifact.manifest;
    await this.journal.transaction(async (tx, record) => {
      await this.artifacts.insert(tx, record, version, artifact, document.createdBy);
      if (!(await writeRecipe(tx, digest, document))) return;
      await record({ kind: 'recipe-archived', ...factOf(version, artifact, document.createdBy) });
    });
    return { artifactDigest: digest, document };
  }

  /**
   * @throws ArchiveError VERSION_NOT_PUBLISHED, RECIPE_UNKNOWN, CLOSURE_TOO_LARGE, BLOB_UNKNOWN (a body is not stored),
   *   DIGEST_INVALID (it is about another version)
   */
  async archiveClosure({ version, document: given, bodies }: NewClosure): Promise<ArchivedClosure> {
    const document = ClosureDocument.parse(storableJson(given));
    const subject = await this.recordOf(version);
    requireSame('recordDigest', document.recordDigest, version.recordDigest);
    const distinct = [...new Map(bodies.map((body) => [body.digest, body])).values()];
    if (distinct.length > CLOSURE_MAX_BODIES) {
      throw new ArchiveError('CLOSURE_TOO_LARGE', { bodies: distinct.length, limit: CLOSURE_MAX_BODIES });
    }
    const [exchanges, packages] = [claimOf(document.exchanges), claimOf(document.packages)];
    const artifact = await this.artifacts.prepare(
      {
        artifactType: CLOSURE_ARTIFACT_TYPE,
        config: await this.artifacts.document(document, CLOSURE_ARTIFACT_TYPE),
        layers: [
          describe(exchanges, EXCHANGES_TYPE, 'exchanges.jsonl'),
          describe(packages, CLOSURE_PACKAGES_TYPE, 'packages.jsonl'),
          ...distinct.map((body) => describe(body, CLOSURE_CONTENT_TYPE)),
        ],
        subject,
      },
      [exchanges, packages, ...distinct],
    );
    const { digest } = artifact.manifest;
    await this.journal.transaction(async (tx, record) => {
      await this.artifacts.insert(tx, record, version, artifact, document.recordedBy);
      if (!(await writeClosure(tx, digest, document))) return;
      await record({ kind: 'closure-recorded', ...factOf(version, artifact, document.recordedBy) });
    });
    return { artifactDigest: digest, document };
  }

  /**
   * One list for each image and noise policy: where there is one, it is returned as it is.
   * @throws ArchiveError BLOB_UNKNOWN (the list is not stored), DIGEST_INVALID (it is of another image)
   */
  async archiveFileList({
    version,
    document: given,
    image,
    actor,
    environment,
  }: NewFileList): Promise<ArchivedFileList> {
    requireSame('imageDigest', given.imageDigest, image.digest);
    const manifest = environment && EnvironmentManifest.parse(storableJson(environment));
    const stored = manifest && (await this.artifacts.document(manifest, ENVIRONMENT_MANIFEST_TYPE));
    const document = FileListDocument.parse(
      storableJson({ ...given, ...(stored && { environment: { digest: stored.digest, size: stored.size } }) }),
    );
    const existing = await this.fileList(document.imageDigest, document.noisePolicy);
    if (existing !== null) return existing;
    const list = claimOf(document.list);
    const artifact = await this.artifacts.prepare(
      {
        artifactType: FILE_LIST_ARTIFACT_TYPE,
        config: await this.artifacts.document(document, FILE_LIST_ARTIFACT_TYPE),
        layers: [
          describe(list, FILE_LIST_TYPE, 'files.jsonl.gz'),
          ...(stored ? [describe(stored, ENVIRONMENT_MANIFEST_TYPE, 'environment-manifest.json')] : []),
        ],
        subject: image,
      },
      [list],
    );
    await this.journal.transaction(async (tx, record) => {
      await this.artifacts.insert(tx, record, version, artifact, actor);
      const at = new Date();
      if (!(await writeFileList(tx, artifact.manifest.digest, { document, environment: manifest ?? null }, at))) return;
      await record({ kind: 'files-listed', ...factOf(version, artifact, actor), at });
    });
    const written = await this.fileList(document.imageDigest, document.noisePolicy);
    return written ?? { artifactDigest: artifact.manifest.digest, document };
  }

  async fileList(imageDigest: string, noisePolicy: string): Promise<ArchivedFileList | null> {
    const row = await this.prisma.fileList.findUnique({
      where: { imageDigest_noisePolicy: { imageDigest, noisePolicy } },
      select: { artifactDigest: true, document: true },
    });
    return row === null ? null : presentFileList(row);
  }

  /** The record artifact: what a recipe and a closure are about. */
  private async recordOf({ recordDigest, number, record }: ArchivedVersion): Promise<Descriptor> {
    if (recordDigest !== null) return await this.artifacts.describeArtifact(recordDigest);
    throw new ArchiveError('VERSION_NOT_PUBLISHED', { reference: `${record.repository.name}@v${number}` });
  }
}

function claimOf({ digest, size }: { digest: string; size: number }): ContentClaim {
  return { digest: parseDigest(digest), size };
}

/** A document is believed for decades: what it names must be what is stored beside it. @throws ArchiveError DIGEST_INVALID */
export function requireSame(field: string, expected: string | null, actual: string | null): void {
  if (expected !== actual) throw new ArchiveError('DIGEST_INVALID', { field, expected, actual });
}

/** Who did it, to which version, and where it is: all that a reindex needs. */
export function factOf(
  version: ArchivedVersion,
  { manifest }: PreparedArtifact,
  actor: string,
): { actor: string; subject: string; detail: { artifactDigest: string } } {
  return {
    actor,
    subject: `${version.record.repository.name}@v${version.number}`,
    detail: { artifactDigest: manifest.digest },
  };
}
