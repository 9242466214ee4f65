import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { actorName, type Principal } from '@envarium/access';
import { Prisma, PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { JournalService } from '@envarium/journal';
import type { Digest } from '@envarium/oci';
import { STORE, type Store } from '@envarium/storage';
import { ContentService } from './content.service.js';
import type { RepositoryRef } from './repositories.service.js';
import {
  closeUpload,
  findUpload,
  type LeasedUpload,
  leaseUpload,
  prolongLease,
  registerNewBlob,
  releaseUpload,
  type UploadChanges,
} from './upload.queries.js';

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
    await this.prisma.statement(Prisma.sql`
      INSERT INTO upload (id, repository_id, actor, expires_at)
      VALUES (${id}::uuid, ${repository.id}, ${actorName(principal)}, ${expiry()})`);
    return { id, received: 0 };
  }

  async status(repository: RepositoryRef, id: string): Promise<UploadStatus> {
    const upload = await findUpload(this.prisma, repository.id, id);
    if (upload?.state !== 'open') throw unknownUpload(id);
    if (upload.isLeased) return { id, received: Number(upload.received) };
    // After a crash staging knows it better than the row.
    return { id, received: await this.store.staging.size(id) };
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
    const lease = await this.lease(repository, id, start);
    try {
      // After a crash staging knows it better than the row.
      const offset = await this.store.staging.size(id);
      if (start !== null && start !== offset) {
        throw new ArchiveError('BLOB_UPLOAD_OFFSET', { expected: offset, actual: start });
      }
      const appended = await this.store.staging.append(id, offset, source);
      await lease.release({ received: BigInt(appended.received), sha256: appended.sha256 });
      return { id, received: appended.received };
    } catch (error) {
      const durable = await this.store.staging.size(id).catch(() => null);
      const isAsBefore = durable === null || BigInt(durable) === lease.received;
      await lease.release(isAsBefore ? {} : { received: BigInt(durable), sha256: null });
      throw error;
    }
  }

  /**
   * Ends the upload: the bytes become a blob of the repository when they are what `digest` says.
   * A client that lost the answer may ask again and gets it again.
   * @throws ArchiveError DIGEST_INVALID; the upload is over then, and its bytes are dropped
   */
  async commit(repository: RepositoryRef, id: string, digest: Digest): Promise<{ size: number }> {
    const lease = await this.lease(repository, id, null, digest).catch(async (error: unknown) => {
      const upload = await findUpload(this.prisma, repository.id, id);
      if (upload?.state === 'done' && upload.resultDigest === digest) return { size: Number(upload.received) };
      throw error;
    });
    if ('size' in lease) return lease;
    try {
      const durable = await this.store.staging.size(id);
      // A crash after the bytes and before the row leaves a sha256 of fewer bytes than there are.
      const isKnown = lease.sha256 !== null && lease.received === BigInt(durable);
      const { size } = await this.store.staging.commit(id, {
        digest,
        // Stored bytes that are wrong, gone or going are no reason not to write.
        heal: lease.blobState !== null && lease.blobState !== 'ok',
        ...(isKnown && { size: durable, knownSha256: lease.sha256 }),
      });
      lease.stop();
      if (await registerNewBlob(this.prisma, { uploadId: id, repositoryId: repository.id, digest, size }))
        return { size };
      await this.journal.transaction(async (tx, record) => {
        const blobs = await this.content.register(tx, [{ digest, size }], record);
        await this.content.attach(tx, repository.id, blobs.values());
        await closeUpload(tx, id, digest, size);
      });
      return { size };
    } catch (error) {
      const isOver =
        error instanceof ArchiveError && (error.code === 'DIGEST_INVALID' || error.code === 'SIZE_INVALID');
      await lease.release(isOver ? { state: 'aborted' } : {});
      if (isOver) await this.store.staging.discard(id);
      throw error;
    }
  }

  async cancel(repository: RepositoryRef, id: string): Promise<void> {
    const upload = await findUpload(this.prisma, repository.id, id);
    if (upload?.state !== 'open') throw unknownUpload(id);
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
    return stale.length;
  }

  /**
   * One writer at a time: the second is refused at once and never interleaves.
   * @param start where the client believes the upload stands: it is told so even when somebody else writes
   */
  private async lease(
    repository: RepositoryRef,
    id: string,
    start: number | null,
    digest: Digest | null = null,
  ): Promise<Lease> {
    const owner = randomUUID();
    const taken = await leaseUpload(this.prisma, { id, repositoryId: repository.id, owner, until: leaseEnd(), digest });
    if (taken === null) {
      const upload = await findUpload(this.prisma, repository.id, id);
      if (upload?.state !== 'open') throw unknownUpload(id);
      if (start !== null && BigInt(start) !== upload.received) {
        throw new ArchiveError('BLOB_UPLOAD_OFFSET', { expected: Number(upload.received), actual: start });
      }
      throw new ArchiveError('BLOB_UPLOAD_BUSY', { upload: id });
    }
    const heartbeat = setInterval(() => {
      prolongLease(this.prisma, id, owner, leaseEnd()).catch(() => {});
    }, HEARTBEAT_MS);
    return {
      ...taken,
      stop: () => clearInterval(heartbeat),
      release: async (changes) => {
        clearInterval(heartbeat);
        await releaseUpload(this.prisma, id, owner, { ...changes, expiresAt: expiry() });
      },
    };
  }
}

interface Lease extends LeasedUpload {
  /** Lets the lease run out, for an upload that is over. */
  stop(): void;
  release(changes: Omit<UploadChanges, 'expiresAt'>): Promise<void>;
}

function expiry(): Date {
  return new Date(Date.now() + EXPIRY_MS);
}

function leaseEnd(): Date {
  return new Date(Date.now() + LEASE_MS);
}

function unknownUpload(id: string): ArchiveError {
  return new ArchiveError('BLOB_UPLOAD_UNKNOWN', { upload: id.slice(0, 64) });
}
