import { Injectable } from '@nestjs/common';
import { actorName, type Principal } from '@envarium/access';
import { PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { type ArchiveEvent, JournalService, type RecordEvent, type Transaction } from '@envarium/journal';
import {
  type Digest,
  digestOf,
  isManifestMediaType,
  isTag,
  MANIFEST_MAX_SIZE,
  parseDigest,
  type ParsedManifest,
  parseManifest,
  parseTag,
} from '@envarium/oci';
import type { ImageDescription } from '@envarium/schema';
import { ContentService } from './content.service.js';
import { imageSelect, presentImage } from './image.presenter.js';
import { insertManifest, type NewManifest } from './manifest-rows.js';
import type { RepositoryRef } from './repositories.service.js';
import { moveTag } from './tag-rows.js';

export interface StoredManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
}

export interface PutManifest {
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;
  /** A tag, or the digest that the bytes must have. */
  readonly reference: string;
}

/** Tags that only a publication sets: the record artifact of a version. */
const RESERVED_TAG = /^v[1-9]\d*\.record$/;

/** Image manifests: kept and served byte for byte, never rewritten, never negotiated. */
@Injectable()
export class ManifestsService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly content: ContentService,
    private readonly journal: JournalService,
  ) {}

  /** @throws ArchiveError MANIFEST_UNKNOWN */
  async find(repository: RepositoryRef, reference: string): Promise<StoredManifest> {
    const row = reference.includes(':')
      ? await this.byDigest(repository, parseDigest(reference))
      : await this.byTag(repository, reference);
    if (row === undefined) throw new ArchiveError('MANIFEST_UNKNOWN', { repository: repository.name, reference });
    return { digest: parseDigest(row.digest), mediaType: row.mediaType, size: Number(row.blob.size) };
  }

  async bytes(digest: Digest): Promise<Buffer> {
    return await this.content.read(digest, MANIFEST_MAX_SIZE);
  }

  /** What image manifests and indexes say, by digest. Who may ask is decided where the digest is looked up. */
  async descriptions(digests: readonly string[]): Promise<ReadonlyMap<string, ImageDescription>> {
    const rows = await this.prisma.imageManifest.findMany({
      where: { digest: { in: [...digests] } },
      select: imageSelect,
    });
    return new Map(rows.map((row) => [row.digest, presentImage(row)]));
  }

  /**
   * Takes an image manifest in, and moves the tag when the reference is one. Safe to repeat.
   * @throws ArchiveError MANIFEST_INVALID, MANIFEST_TOO_LARGE, MANIFEST_BLOB_UNKNOWN, DIGEST_INVALID, TAG_INVALID, TAG_IMMUTABLE
   */
  async put(
    principal: Principal,
    repository: RepositoryRef,
    put: PutManifest,
  ): Promise<StoredManifest & { subject: Digest | null }> {
    const digest = digestOf(put.bytes);
    const tag = put.reference.includes(':') ? null : parseTag(put.reference);
    if (tag === null && parseDigest(put.reference) !== digest) {
      throw new ArchiveError('DIGEST_INVALID', { expected: put.reference, actual: digest });
    }
    if (tag !== null && RESERVED_TAG.test(tag))
      throw new ArchiveError('TAG_IMMUTABLE', { tag, reason: 'reserved for records' });
    const parsed = parseManifest(put.bytes, put.contentType);
    await this.requireReferences(repository, parsed);
    await this.content.write(put.bytes);
    const manifest = { digest, size: put.bytes.length, parsed };
    await this.journal.transaction(async (tx, record) => {
      const { id } = await this.insert(tx, record, repository, manifest, actorName(principal));
      if (tag !== null)
        await moveTag(tx, record, { repository, tag, manifestId: id, digest, actor: actorName(principal) });
    });
    return {
      digest,
      mediaType: parsed.mediaType,
      size: put.bytes.length,
      subject: parsed.subject === null ? null : parseDigest(parsed.subject.digest),
    };
  }

  /** Inside a transaction: rows and event of a manifest whose bytes and blobs are durable. */
  async insert(
    tx: Transaction,
    record: RecordEvent,
    repository: RepositoryRef,
    manifest: NewManifest,
    actor: string,
  ): Promise<{ id: bigint }> {
    const had = await tx.repositoryManifest.findFirst({
      where: { repositoryId: repository.id, manifest: { digest: manifest.digest } },
      select: { manifestId: true },
    });
    if (had !== null) return { id: had.manifestId };
    const event: ArchiveEvent = await record({
      kind: 'manifest-pushed',
      actor,
      subject: `${repository.name}@${manifest.digest}`,
      detail: { repository: repository.name, digest: manifest.digest, mediaType: manifest.parsed.mediaType },
    });
    return await insertManifest(tx, this.content, manifest, { repositoryId: repository.id, at: event.at, by: actor });
  }

  private async byDigest(repository: RepositoryRef, digest: Digest): Promise<ManifestRow | undefined> {
    const row = await this.prisma.repositoryManifest.findFirst({
      where: { repositoryId: repository.id, manifest: { digest, blob: { state: 'ok' } } },
      select: { manifest: { select: manifestSelect } },
    });
    return row?.manifest;
  }

  private async byTag(repository: RepositoryRef, name: string): Promise<ManifestRow | undefined> {
    // What is no tag names nothing; PostgreSQL would choke on a NUL.
    if (!isTag(name)) return undefined;
    const row = await this.prisma.tag.findUnique({
      where: { repositoryId_name: { repositoryId: repository.id, name } },
      select: { manifest: { select: manifestSelect } },
    });
    return row?.manifest;
  }

  /** What a manifest names must be here already, or a pull would fail years later. */
  private async requireReferences(repository: RepositoryRef, parsed: ParsedManifest): Promise<void> {
    const required = parsed.references.filter((reference) => !reference.isOptional);
    const manifests = required.filter(
      ({ kind, descriptor }) => kind === 'child' && isManifestMediaType(descriptor.mediaType),
    );
    const blobs = required.filter((reference) => !manifests.includes(reference));
    const digestsOf = (list: typeof required): string[] => [
      ...new Set(list.map(({ descriptor }) => descriptor.digest)),
    ];
    const [children, content] = await Promise.all([
      this.prisma.repositoryManifest.findMany({
        where: { repositoryId: repository.id, manifest: { digest: { in: digestsOf(manifests) } } },
        select: { manifest: { select: { digest: true } } },
      }),
      this.prisma.repositoryBlob.findMany({
        where: { repositoryId: repository.id, blob: { digest: { in: digestsOf(blobs) }, state: 'ok' } },
        select: { blob: { select: { digest: true } } },
      }),
    ]);
    const present = new Set([...children.map((row) => row.manifest.digest), ...content.map((row) => row.blob.digest)]);
    const missing = required.map(({ descriptor }) => descriptor.digest).filter((digest) => !present.has(digest));
    if (missing.length > 0) throw new ArchiveError('MANIFEST_BLOB_UNKNOWN', { missing: missing.slice(0, 20) });
  }
}

const manifestSelect = { digest: true, mediaType: true, blob: { select: { size: true } } } as const;
interface ManifestRow {
  readonly digest: string;
  readonly mediaType: string;
  readonly blob: { readonly size: bigint };
}
