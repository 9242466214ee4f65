import { Injectable } from '@nestjs/common';
import { actorName, heldBy, type Principal, SealingService } from '@envarium/access';
import { decodeCursor, type Page, pageOf, PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { parseRepositoryName, parseTag } from '@envarium/oci';
import { JobsClient } from '@envarium/queue';
import { RepositoriesService, RESERVED_TAG } from '@envarium/registry';
import type { CreateIngest, Ingest } from '@envarium/schema';
import { formatUpstreamReference, parseUpstreamReference } from '@envarium/upstream';
import { ulid } from 'ulid';
import { ingestSelect, presentIngest } from './ingest.presenter.js';
import { sealContext } from './ingest-credentials.js';
import { RUN_INGESTS } from './ingest-queue.service.js';
import { UpstreamOpener } from './upstream-opener.js';

const ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;
const OPEN_STATES = ['queued', 'running'] as const;
/** More than anybody waits for; who asks for a whole registry asks in portions. */
const MAX_OPEN = 100;

/** Requests to copy an image from another registry, and what became of them. */
@Injectable()
export class IngestsService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly repositories: RepositoriesService,
    private readonly sealing: SealingService,
    private readonly opener: UpstreamOpener,
    private readonly jobs: JobsClient,
  ) {}

  /**
   * Writes the request down and wakes a worker.
   * @throws ArchiveError NAME_INVALID, TAG_INVALID, DIGEST_INVALID, TAG_IMMUTABLE, OUTBOUND_REFUSED, TOOMANYREQUESTS, and as
   *   `RepositoriesService.requireWritable`
   */
  async request(principal: Principal, name: string, { source, tag, credentials }: CreateIngest): Promise<Ingest> {
    const reference = parseUpstreamReference(source);
    const newTag = tag === undefined ? reference.tag : parseTag(tag);
    if (newTag !== null && RESERVED_TAG.test(newTag)) {
      throw new ArchiveError('TAG_IMMUTABLE', { tag: newTag, reason: 'reserved for records' });
    }
    this.opener.assertReachable(reference);
    const repository = await this.repositories.requireWritable(principal, parseRepositoryName(name));
    const createdBy = actorName(principal);
    await this.requireRoom(createdBy);
    const id = ulid();
    const sealed = credentials === undefined ? null : this.sealing.seal(JSON.stringify(credentials), sealContext(id));
    const row = await this.prisma.ingest.create({
      data: {
        id,
        repositoryId: repository.id,
        source: formatUpstreamReference(reference),
        tag: newTag,
        createdBy,
        ...(sealed !== null && { credentials: new Uint8Array(sealed) }),
      },
      select: ingestSelect,
    });
    // Where nobody can be woken, the sweep of each minute finds the row.
    await this.jobs.wake(RUN_INGESTS);
    return presentIngest(row);
  }

  /** @throws ArchiveError INGEST_UNKNOWN, also for those of namespaces that the principal is no member of */
  async find(principal: Principal, id: string): Promise<Ingest> {
    const row = await this.prisma.ingest.findFirst({
      where: { id: requireId(id), repository: heldBy(principal, 'reader') },
      select: ingestSelect,
    });
    if (row === null) throw new ArchiveError('INGEST_UNKNOWN', { id });
    return presentIngest(row);
  }

  /** Newest first. @throws ArchiveError NAME_UNKNOWN, also as `find`; CURSOR_INVALID */
  async list(principal: Principal, name: string, limit: number, cursor: string | null): Promise<Page<Ingest>> {
    const repository = await this.prisma.repository.findFirst({
      where: { name: parseRepositoryName(name), ...heldBy(principal, 'reader') },
      select: { id: true },
    });
    if (repository === null) throw new ArchiveError('NAME_UNKNOWN', { name });
    const before = cursor === null ? null : decodeCursor(cursor, ['string'])[0];
    const rows = await this.prisma.ingest.findMany({
      where: { repositoryId: repository.id, ...(before !== null && { id: { lt: before } }) },
      orderBy: { id: 'desc' },
      take: limit + 1,
      select: ingestSelect,
    });
    return pageOf(rows.map(presentIngest), limit, ({ id }) => [id]);
  }

  /**
   * What was transferred stays; the worker notices within a second or two.
   * @throws ArchiveError INGEST_UNKNOWN, DENIED (may see it, may not write), INGEST_ENDED
   */
  async cancel(principal: Principal, id: string): Promise<Ingest> {
    const { repository, state } = await this.find(principal, id);
    if (!(await this.repositories.mayWrite(principal, repository))) throw new ArchiveError('DENIED', { id });
    const { count } = await this.prisma.ingest.updateMany({
      where: { id, state: { in: [...OPEN_STATES] } },
      data: { state: 'cancelled', finishedAt: new Date(), credentials: null, leaseUntil: null },
    });
    if (count === 0 && state !== 'cancelled') throw new ArchiveError('INGEST_ENDED', { id, state });
    return await this.find(principal, id);
  }

  private async requireRoom(createdBy: string): Promise<void> {
    const open = await this.prisma.ingest.count({ where: { createdBy, state: { in: [...OPEN_STATES] } } });
    if (open >= MAX_OPEN) throw new ArchiveError('TOOMANYREQUESTS', { open, limit: MAX_OPEN });
  }
}

/** What is no identifier names nothing; PostgreSQL would choke on a NUL. */
function requireId(id: string): string {
  if (!ID.test(id)) throw new ArchiveError('INGEST_UNKNOWN', { id: id.slice(0, 100) });
  return id;
}
