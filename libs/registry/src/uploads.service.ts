import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { actorName, type Principal } from '@envarium/access';
import { PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { JournalService } from '@envarium/journal';
import type { Digest } from '@envarium/oci';
import { STORE, type Store } from '@envarium/storage';
import { ContentService } from './content.service.js';
import type { RepositoryRef } from './repositories.service.js';

/** Idle uploads are dropped after a day. */
const EXPIRY_MS = 24 * 60 * 60 * 1000;
/** A writer that says nothing for this long is taken for dead. */
const LEASE_MS = 30_000;
const HEARTBEAT_MS = 10_000;

export interface UploadStatus {
  readonly id: string;
  readonly received: number;
}

/**
 * Upload sessions. State is in Postgres and bytes are in staging, so an upload begun on one server ends on another;
 * nothing can be seen before its digest is proven.
 */
@Injectable()
export class UploadsService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly content: ContentService,
    private readonly journal: JournalService,
    @Inject(STORE) private readonly store: Store,
  ) {}

  async start(principal: Principal, repository: RepositoryRef): Promise<UploadStatus> {
    const id = randomUUID();
    await this.store.staging.create(id);
    await this.prisma.upload.create({
      data: { id, repositoryId: repository.id, actor: actorName(principal), expiresAt: expiry() },
    });
    return { id, received: 0 };
  }

  async status(repository: RepositoryRef, id: string): Promise<UploadStatus> {
    const upload = await this.require(repository, id);
    return { id, received: Number(upload.received) };
  }

  /**
   * Adds bytes at the end of what is there.
   * @param start where the client believes the upload stands; null when it does not say
   * @throws ArchiveError BLOB_UPLOAD_UNKNOWN, BLOB_UPLOAD_OFFSET, BLOB_UPLOAD_BUSY; what arrived before a failure is kept
   */
  async append(
    repository: RepositoryRef,
    id: string,
    start: number | null,
    source: AsyncIterable<Uint8Array>,
  ): Promise<UploadStatus> {
    const { received } = await this.require(repository, id);
    const offset = Number(received);
    if (start !== null && start !== offset)
      throw new ArchiveError('BLOB_UPLOAD_OFFSET', { expected: offset, actual: start });
    const release = await this.lease(id, received);
    try {
      const appended = await this.store.staging.append(id, offset, source);
      await release({ received: BigInt(appended.received), sha256: appended.sha256 });
      return { id, received: appended.received };
    } catch (error) {
      const durable = await this.store.staging.size(id).catch(() => null);
      await release(durable === null || durable === offset ? {} : { received: BigInt(durable), sha256: null });
      throw error;
    }
  }

  /**
   * Ends the upload: the bytes become a blob of the repository when they are what `digest` says.
   * A client that lost the answer may ask again and gets it again.
   * @throws ArchiveError DIGEST_INVALID; the upload is over then, and its bytes are dropped
   */
  async commit(repository: RepositoryRef, id: string, digest: Digest): Promise<{ size: number }> {
    const upload = await this.prisma.upload.findFirst({ where: { id: asUuid(id), repositoryId: repository.id } });
    if (upload?.state === 'done' && upload.resultDigest === digest) return { size: Number(upload.received) };
    if (upload === null || upload.state !== 'open') throw new ArchiveError('BLOB_UPLOAD_UNKNOWN', { upload: id });
    const release = await this.lease(id, upload.received);
    try {
      const { size } = await this.store.staging.commit(id, {
        digest,
        heal: await this.content.isDamaged(digest),
        ...(upload.sha256 !== null && { size: Number(upload.received), knownSha256: upload.sha256 }),
      });
      await this.journal.transaction(async (tx, record) => {
        const blobs = await this.content.register(tx, [{ digest, size }], record);
        await this.content.attach(tx, repository.id, blobs.values());
        await tx.upload.update({ where: { id }, data: { state: 'done', resultDigest: digest, leaseUntil: null } });
      });
      return { size };
    } catch (error) {
      const isOver =
        error instanceof ArchiveError && (error.code === 'DIGEST_INVALID' || error.code === 'SIZE_INVALID');
      await release(isOver ? { state: 'aborted' } : {});
      if (isOver) await this.store.staging.discard(id);
      throw error;
    }
  }

  async cancel(repository: RepositoryRef, id: string): Promise<void> {
    await this.require(repository, id);
    await this.prisma.upload.update({ where: { id }, data: { state: 'aborted' } });
    await this.store.staging.discard(id);
  }

  /** Drops uploads that nobody continued. Returns how many. */
  async expire(): Promise<number> {
    const stale = await this.prisma.upload.findMany({ where: { expiresAt: { lt: new Date() } }, take: 1000 });
    for (const { id } of stale) {
      await this.store.staging.discard(id);
      await this.prisma.upload.delete({ where: { id } });
    }
    // What a crash left in staging before or after its row: no row can speak of it.
    await this.store.staging.expire(new Date(Date.now() - 2 * EXPIRY_MS));
    return stale.length;
  }

  /** The open upload, with the length that is durable: after a crash staging knows it better than the row. */
  private async require(repository: RepositoryRef, id: string): Promise<{ received: bigint }> {
    const upload = await this.prisma.upload.findFirst({
      where: { id: asUuid(id), repositoryId: repository.id, state: 'open' },
    });
    if (upload === null) throw new ArchiveError('BLOB_UPLOAD_UNKNOWN', { upload: id });
    if (upload.leaseUntil !== null && upload.leaseUntil > new Date()) return upload;
    const durable = BigInt(await this.store.staging.size(id));
    if (durable === upload.received) return upload;
    await this.prisma.upload.updateMany({
      where: { id, received: upload.received },
      data: { received: durable, sha256: null },
    });
    return { received: durable };
  }

  /** One writer at a time: the second is refused at once and never interleaves. */
  private async lease(id: string, received: bigint): Promise<(changes: UploadChanges) => Promise<void>> {
    const leaseOwner = randomUUID();
    const until = (): Date => new Date(Date.now() + LEASE_MS);
    const taken = await this.prisma.upload.updateMany({
      where: { id, state: 'open', received, OR: [{ leaseUntil: null }, { leaseUntil: { lt: new Date() } }] },
      data: { leaseOwner, leaseUntil: until() },
    });
    if (taken.count === 0) throw new ArchiveError('BLOB_UPLOAD_BUSY', { upload: id });
    const heartbeat = setInterval(() => {
      this.prisma.upload.updateMany({ where: { id, leaseOwner }, data: { leaseUntil: until() } }).catch(() => {});
    }, HEARTBEAT_MS);
    return async (changes) => {
      clearInterval(heartbeat);
      await this.prisma.upload.updateMany({
        where: { id, leaseOwner },
        data: { ...changes, leaseOwner: null, leaseUntil: null, expiresAt: expiry() },
      });
    };
  }
}

interface UploadChanges {
  readonly received?: bigint;
  readonly sha256?: string | null;
  readonly state?: 'aborted';
}

function expiry(): Date {
  return new Date(Date.now() + EXPIRY_MS);
}

/** A malformed id is an unknown upload, not a database error. */
function asUuid(id: string): string {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return id;
  throw new ArchiveError('BLOB_UPLOAD_UNKNOWN', { upload: id.slice(0, 64) });
}
