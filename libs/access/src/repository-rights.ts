import { type NamespaceRole, Prisma, type PrismaService, type Visibility } from '@envarium/database';
import type { Principal } from './principal.js';
import { PUBLISHED_SQL, rolesFrom } from './visibility.js';

export interface RepositoryRights {
  readonly id: bigint;
  readonly name: string;
  readonly visibility: Visibility;
  /** Everybody may read it: it is public and has a published version. */
  readonly isPublic: boolean;
  readonly mayRead: boolean;
  readonly mayWrite: boolean;
}

interface RightsRow extends Pick<RepositoryRights, 'id' | 'name' | 'visibility' | 'isPublic'> {
  readonly role: NamespaceRole | null;
}

/**
 * One repository and what a principal may do in it, as `readableBy` and `heldBy` decide it for lists. SQL, since every
 * request of a registry client asks for it.
 * @returns null when there is no such repository
 */
export async function repositoryRights(
  prisma: PrismaService,
  principal: Principal,
  name: string,
): Promise<RepositoryRights | null> {
  const accountId = principal.kind === 'account' ? principal.accountId : null;
  const { rows } = await prisma.statement<RightsRow>(Prisma.sql`
    SELECT n.id, n.name, n.visibility::text AS visibility, m.role::text AS role, ${PUBLISHED_SQL} AS "isPublic"
    FROM repository n
    LEFT JOIN namespace_member m ON m.namespace_id = n.namespace_id AND m.account_id = ${accountId}::bigint
    WHERE n.name = ${name}`);
  const [row] = rows;
  if (row === undefined) return null;
  const { role, ...repository } = row;
  const isAdmin = principal.kind === 'account' && principal.isAdmin;
  return {
    ...repository,
    mayRead: isAdmin || role !== null || row.isPublic,
    mayWrite: isAdmin || (role !== null && rolesFrom('depositor').includes(role)),
  };
}
