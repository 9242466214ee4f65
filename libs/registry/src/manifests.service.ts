import { Injectable } from '@nestjs/common';
import { actorName, type Principal } from '@envarium/access';
import { Prisma, PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { type ArchiveEvent, JournalService, type RecordEvent, type Transaction } from '@envarium/journal';
import {
  type Digest,
  digestAlgorithm,
  digestOf,
  DOCKER_SCHEMA1_MANIFEST,
  DOCKER_SCHEMA1_SIGNED_MANIFEST,
  isDigest,
  isTag,
  MANIFEST_MAX_SIZE,
  parseDigest,
  parseManifest,
  parseTag,
} from '@envarium/oci';
import type { ImageDescription } from '@envarium/schema';
import { ContentService } from './content.service.js';
import { imageSelect, presentImage } from './image.presenter.js';
import { requireReferences } from './manifest-references.js';
import { insertManifest, type NewManifest } from './manifest-rows.js';
import { PublicContentCache } from './public-content-cache.js';
import type { RepositoryRef } from './repositories.service.js';
import { moveTag, type TagCondition } from './tag-rows.js';

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
  /** Further tags; only with a digest as reference. */
  readonly tags?: readonly string[];
  /** What each of the tags must be at now, for the push to go on. */
  readonly condition?: TagCondition | undefined;
}

/** Tags that only a publication sets: the record artifact of a version. */
export const RESERVED_TAG = /^v[1-9]\d*\.record$/;

/** Image manifests: kept and served byte for byte, never rewritten, never negotiated. */
@Injectable()
export class ManifestsService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly content: ContentService,
    private readonly journal: JournalService,
    private readonly cache: PublicContentCache,
  ) {}

  /** @throws ArchiveError MANIFEST_UNKNOWN */
  async find(repository: RepositoryRef, reference: string): Promise<StoredManifest> {
    const found = reference.includes(':')
      ? await this.byDigest(repository, parseDigest(reference))
      : await this.byTag(repository, reference);
    if (found !== null) return found;
    const isSchema1 = await this.isSchema1(repository, reference);
    const detail = { repository: repository.name, reference, ...(isSchema1 && { reason: 'docker-schema-1' }) };
    throw new ArchiveError('MANIFEST_UNKNOWN', detail);
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
   * Takes an image manifest in, and moves its tags: all of them or none. Safe to repeat.
   * @throws ArchiveError MANIFEST_INVALID, MANIFEST_TOO_LARGE, MANIFEST_BLOB_UNKNOWN, DIGEST_INVALID, TAG_INVALID,
   *   TAG_IMMUTABLE, PRECONDITION_FAILED
   */
  async put(
    principal: Principal,
    repository: RepositoryRef,
    put: PutManifest,
  ): Promise<StoredManifest & { subject: Digest | null }> {
    const { digest, tags } = named(put);
    const parsed = parseManifest(put.bytes, put.contentType);
    await requireReferences(this.prisma, repository.id, parsed);
    await this.content.write(put.bytes, this.prisma, digest);
    const manifest = { digest, size: put.bytes.length, parsed };
    const actor = actorName(principal);
    await this.journal.transaction(async (tx, record) => {
      await requireReferences(tx, repository.id, parsed);
      const { id } = await this.insert(tx, record, repository, manifest, actor);
      for (const tag of tags) {
        await moveTag(tx, record, { repository, tag, manifestId: id, digest, actor }, put.condition);
      }
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
    if (had !== null) {
      await this.content.register(tx, [manifest], record);
      return { id: had.manifestId };
    }
    const event: ArchiveEvent = await record({
      kind: 'manifest-pushed',
      actor,
      subject: `${repository.name}@${manifest.digest}`,
      detail: { repository: repository.name, digest: manifest.digest, mediaType: manifest.parsed.mediaType },
    });
    const pushed = { repositoryId: repository.id, at: event.at, by: actor };
    return await insertManifest(tx, this.content, manifest, pushed, record);
  }

  private async byDigest(repository: RepositoryRef, digest: Digest): Promise<StoredManifest | null> {
    const find = async (): Promise<StoredManifest | null> =>
      await firstManifest(
        this.prisma,
        Prisma.sql`repository_manifest p JOIN image_manifest m ON m.id = p.manifest_id`,
        Prisma.sql`p.repository_id = ${repository.id} AND m.digest = ${digest}`,
      );
    if (repository.isPublic !== true) return await find();
    return await this.cache.find(`manifest ${repository.id} ${digest}`, find);
  }

  private async byTag(repository: RepositoryRef, name: string): Promise<StoredManifest | null> {
    // What is no tag names nothing; PostgreSQL would choke on a NUL.
    if (!isTag(name)) return null;
    return await firstManifest(
      this.prisma,
      Prisma.sql`tag p JOIN image_manifest m ON m.id = p.manifest_id`,
      Prisma.sql`p.repository_id = ${repository.id} AND p.name = ${name}`,
    );
  }

  /** True for bytes that an index here names as an image manifest of schema 1: they are a blob, and no image manifest. */
  private async isSchema1(repository: RepositoryRef, digest: string): Promise<boolean> {
    if (!isDigest(digest)) return false;
    const named = await this.prisma.manifestReference.count({
      where: {
        digest,
        mediaType: { in: [DOCKER_SCHEMA1_MANIFEST, DOCKER_SCHEMA1_SIGNED_MANIFEST] },
        manifest: { repositories: { some: { repositoryId: repository.id } } },
      },
    });
    return named > 0;
  }
}

/** SQL, since this is asked for with every pull: a third of the work. */
async function firstManifest(
  prisma: PrismaService,
  from: Prisma.Sql,
  where: Prisma.Sql,
): Promise<StoredManifest | null> {
  const { rows } = await prisma.statement<{ digest: string; mediaType: string; size: bigint }>(Prisma.sql`
    SELECT m.digest, m.media_type AS "mediaType", b.size FROM ${from} JOIN blob b ON b.id = m.blob_id
    WHERE ${where} AND b.state = 'ok'`);
  const [row] = rows;
  return row === undefined
    ? null
    : { digest: parseDigest(row.digest), mediaType: row.mediaType, size: Number(row.size) };
}

/** The digest that names the bytes, in the algorithm of the reference, and the tags in one order everywhere. */
function named({ bytes, reference, tags = [] }: PutManifest): { digest: Digest; tags: string[] } {
  if (!reference.includes(':')) return { digest: digestOf(bytes), tags: [writableTag(reference)] };
  const expected = parseDigest(reference);
  const digest = digestOf(bytes, digestAlgorithm(expected));
  if (digest !== expected) throw new ArchiveError('DIGEST_INVALID', { expected, actual: digest });
  return { digest, tags: [...new Set(tags.map(writableTag))].toSorted() };
}

function writableTag(text: string): string {
  const tag = parseTag(text);
  if (RESERVED_TAG.test(tag)) throw new ArchiveError('TAG_IMMUTABLE', { tag, reason: 'reserved for records' });
  return tag;
}
