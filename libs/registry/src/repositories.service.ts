import { Injectable } from '@nestjs/common';
import { actorName, NamespacesService, type Principal, readableSql, repositoryRights } from '@envarium/access';
import { decodeCursor, type Page, pageOf, PrismaService, type Visibility } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { JournalService, type RecordEvent, type Transaction } from '@envarium/journal';
import type { RepositoryName } from '@envarium/oci';
import { PublicContentCache } from './public-content-cache.js';

export interface RepositoryRef {
  readonly id: bigint;
  readonly name: string;
  readonly visibility: Visibility;
  /** True when it is known that everybody may read it, and so that nothing can be taken out of it. */
  readonly isPublic?: boolean;
}

const refSelect = { id: true, name: true, visibility: true } as const;

/** OCI repositories: who may see them, and how they come to be. */
@Injectable()
export class RepositoriesService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly namespaces: NamespacesService,
    private readonly journal: JournalService,
    private readonly cache: PublicContentCache,
  ) {}

  /** @throws ArchiveError NAME_UNKNOWN, also for repositories that the principal may not see */
  async requireReadable(principal: Principal, name: string): Promise<RepositoryRef> {
    // What everybody may read, this one may read as well.
    const known = this.cache.get<RepositoryRef>(publicKey(name));
    if (known !== undefined) return known;
    const reading = this.cache.beginReading();
    const rights = await repositoryRights(this.prisma, principal, name);
    if (rights?.mayRead !== true) throw new ArchiveError('NAME_UNKNOWN', { name });
    if (rights.isPublic) this.cache.remember(reading, publicKey(name), rights);
    return rights;
  }

  /**
   * The repository to change, which is never made by this.
   * @throws ArchiveError NAME_UNKNOWN, also for repositories that the principal may not see; DENIED for its readers
   */
  async requireWritableExisting(principal: Principal, name: string): Promise<RepositoryRef> {
    const rights = await repositoryRights(this.prisma, principal, name);
    if (rights?.mayRead !== true) throw new ArchiveError('NAME_UNKNOWN', { name });
    if (!rights.mayWrite) throw new ArchiveError('DENIED', { repository: name });
    return rights;
  }

  /**
   * The repository to write to; the first push or deposit makes it.
   * @throws ArchiveError UNAUTHORIZED, NAMESPACE_UNKNOWN, DENIED, NAME_INVALID (no namespace in the name)
   */
  async requireWritable(principal: Principal, name: RepositoryName): Promise<RepositoryRef> {
    const found = await this.findWritable(principal, name);
    if (found !== null) return found;
    return await this.journal.transaction(
      async (tx, record) => await this.ensure(tx, record, principal, name, 'public'),
    );
  }

  /**
   * The repository to write to, null where the first write would make it.
   * @throws ArchiveError as `requireWritable`
   */
  async findWritable(principal: Principal, name: RepositoryName): Promise<RepositoryRef | null> {
    if (principal.kind === 'anonymous') throw new ArchiveError('UNAUTHORIZED');
    const rights = await repositoryRights(this.prisma, principal, name);
    if (rights?.mayWrite === true) return rights;
    await this.namespaces.findWritable(principal, namespaceOf(name));
    return null;
  }

  /** Inside a transaction: the repository, made with `visibility` when it is new. */
  async ensure(
    tx: Transaction,
    record: RecordEvent,
    principal: Principal,
    name: RepositoryName,
    visibility: Visibility,
  ): Promise<RepositoryRef> {
    const namespace = namespaceOf(name);
    // Two first pushes at once must not make it twice; the lock is held until the transaction ends.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`repository:${namespace}`}, 0))`;
    const namespaceId = await this.namespaces.requireWritable(tx, record, principal, namespace);
    const found = await tx.repository.findUnique({ where: { name }, select: refSelect });
    if (found !== null) return found;
    const actor = actorName(principal);
    const event = await record({
      kind: 'repository-created',
      actor,
      subject: name,
      detail: { repository: name, namespace, visibility },
    });
    return await tx.repository.create({
      data: { name, namespaceId, visibility, createdAt: event.at, createdBy: actor },
      select: refSelect,
    });
  }

  /** True when the principal may push to an existing or a new repository of this name. */
  async mayWrite(principal: Principal, name: string): Promise<boolean> {
    if (principal.kind === 'anonymous') return false;
    if (principal.isAdmin) return true;
    const role = await this.prisma.namespaceMember.findFirst({
      where: {
        accountId: principal.accountId,
        namespace: { name: name.split('/', 1)[0] ?? '' },
        role: { in: ['depositor', 'owner'] },
      },
    });
    return role !== null;
  }

  async mayRead(principal: Principal, name: string): Promise<boolean> {
    return (await repositoryRights(this.prisma, principal, name))?.mayRead === true;
  }

  /** Names of readable repositories in byte order, for `_catalog`. */
  async list(principal: Principal, limit: number, after: string | null): Promise<string[]> {
    const rows = await this.prisma.$queryRaw<{ name: string }[]>`
      SELECT n.name FROM repository n WHERE n.name > ${after ?? ''} AND ${readableSql(principal)}
      ORDER BY n.name LIMIT ${limit}`;
    return rows.map((row) => row.name);
  }

  /** The same as pages with an opaque cursor. */
  async page(principal: Principal, limit: number, cursor: string | null): Promise<Page<string>> {
    const after = cursor === null ? null : decodeCursor(cursor, ['string'])[0];
    return pageOf(await this.list(principal, limit + 1, after), limit, (name) => [name]);
  }
}

function publicKey(name: string): string {
  return `repository ${name}`;
}

function namespaceOf(name: RepositoryName): string {
  const [namespace = '', ...rest] = name.split('/');
  if (rest.length === 0)
    throw new ArchiveError('NAME_INVALID', { name, reason: 'no-namespace', example: `lab/${name}` });
  return namespace;
}
