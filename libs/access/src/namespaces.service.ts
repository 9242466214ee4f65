import { Injectable } from '@nestjs/common';
import { isUniqueViolation, type NamespaceRole, PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { JournalService, type RecordEvent, type Transaction } from '@envarium/journal';
import { actorName, type Principal } from './principal.js';
import { rolesFrom } from './visibility.js';

export interface NamespaceMembership {
  readonly namespace: string;
  readonly role: NamespaceRole;
}

/** Namespaces and who may do what in them. */
@Injectable()
export class NamespacesService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly journal: JournalService,
  ) {}

  /** Makes a namespace; its maker becomes owner. Only administrators make namespaces. */
  async create(principal: Principal, name: string): Promise<{ name: string }> {
    requireAdmin(principal);
    try {
      await this.journal.transaction(async (tx, record) => this.insert(tx, record, principal, name));
    } catch (error) {
      if (isUniqueViolation(error)) throw new ArchiveError('NAMESPACE_EXISTS', { name }, { cause: error });
      throw error;
    }
    return { name };
  }

  /**
   * The namespace of a repository that is being written to. An administrator's first push makes it.
   * @throws ArchiveError UNAUTHORIZED, NAMESPACE_UNKNOWN (also for namespaces of others), DENIED (a reader who writes)
   */
  async requireWritable(tx: Transaction, record: RecordEvent, principal: Principal, name: string): Promise<bigint> {
    return (await this.findWritable(principal, name, tx)) ?? (await this.insert(tx, record, principal, name));
  }

  /**
   * The namespace, null where an administrator's first push would make it.
   * @throws ArchiveError as `requireWritable`
   */
  async findWritable(principal: Principal, name: string, tx: Transaction = this.prisma): Promise<bigint | null> {
    if (principal.kind === 'anonymous') throw new ArchiveError('UNAUTHORIZED');
    const found = await tx.namespace.findUnique({
      where: { name },
      include: { members: { where: { accountId: principal.accountId } } },
    });
    if (principal.isAdmin) return found?.id ?? null;
    const role = found?.members[0]?.role;
    if (found === null || role === undefined) throw new ArchiveError('NAMESPACE_UNKNOWN', { namespace: name });
    if (!rolesFrom('depositor').includes(role)) throw new ArchiveError('DENIED', { namespace: name, role });
    return found.id;
  }

  /** Gives an account a role in a namespace, or changes it. Owners and administrators only. */
  async setMember(principal: Principal, name: string, account: string, role: NamespaceRole): Promise<void> {
    const namespace = await this.requireOwned(principal, name);
    const member = await this.prisma.account.findUnique({ where: { name: account } });
    if (member === null) throw new ArchiveError('ACCOUNT_UNKNOWN', { account });
    const key = { namespaceId: namespace, accountId: member.id };
    await this.prisma.namespaceMember.upsert({
      where: { namespaceId_accountId: key },
      create: { ...key, role },
      update: { role },
    });
  }

  async memberships(principal: Principal): Promise<NamespaceMembership[]> {
    if (principal.kind === 'anonymous') return [];
    const rows = await this.prisma.namespaceMember.findMany({
      where: { accountId: principal.accountId },
      include: { namespace: true },
      orderBy: { namespace: { name: 'asc' } },
      take: 1000,
    });
    return rows.map((row) => ({ namespace: row.namespace.name, role: row.role }));
  }

  private async requireOwned(principal: Principal, name: string): Promise<bigint> {
    if (principal.kind === 'anonymous') throw new ArchiveError('UNAUTHORIZED');
    const namespace = await this.prisma.namespace.findUnique({
      where: { name },
      include: { members: { where: { accountId: principal.accountId } } },
    });
    const role = namespace?.members[0]?.role;
    if (namespace === null || (role === undefined && !principal.isAdmin)) {
      throw new ArchiveError('NAMESPACE_UNKNOWN', { namespace: name });
    }
    if (!principal.isAdmin && role !== 'owner') throw new ArchiveError('DENIED', { namespace: name, role });
    return namespace.id;
  }

  private async insert(tx: Transaction, record: RecordEvent, principal: Principal, name: string): Promise<bigint> {
    const actor = actorName(principal);
    const event = await record({ kind: 'namespace-created', actor, subject: name, detail: { namespace: name } });
    const row = await tx.namespace.create({
      data: {
        name,
        createdAt: event.at,
        createdBy: actor,
        ...(principal.kind === 'account' && { members: { create: { accountId: principal.accountId, role: 'owner' } } }),
      },
    });
    return row.id;
  }
}

/** @throws ArchiveError UNAUTHORIZED, DENIED */
export function requireAdmin(principal: Principal): void {
  if (principal.kind === 'anonymous') throw new ArchiveError('UNAUTHORIZED');
  if (!principal.isAdmin) throw new ArchiveError('DENIED', { required: 'administrator' });
}
