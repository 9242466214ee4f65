import { type NamespaceRole, Prisma } from '@envarium/database';
import type { Principal } from './principal.js';

/** Roles that include the rights of `role`. */
export function rolesFrom(role: NamespaceRole): NamespaceRole[] {
  const ascending: readonly NamespaceRole[] = ['reader', 'depositor', 'owner'];
  return ascending.slice(ascending.indexOf(role));
}

/** Nothing is public before it is published: until then a repository is seen by the members of its namespace alone. */
const PUBLISHED: Prisma.RepositoryWhereInput = {
  visibility: 'public',
  record: { versions: { some: { state: { in: ['published', 'withdrawn'] } } } },
};

/**
 * `PUBLISHED` for statements that are SQL: a condition on `repository n`. Not EXISTS, which the planner would rather answer
 * for all repositories at once, however few are wanted.
 */
export const PUBLISHED_SQL = Prisma.sql`(n.visibility = 'public' AND coalesce((
  SELECT true FROM archive_record a JOIN record_version v ON v.record_id = a.id
  WHERE a.repository_id = n.id AND v.state IN ('published', 'withdrawn') LIMIT 1), false))`;

/** `readableBy` for statements that are SQL: a condition on `repository n`. */
export function readableSql(principal: Principal): Prisma.Sql {
  if (principal.kind === 'anonymous') return PUBLISHED_SQL;
  if (principal.isAdmin) return Prisma.sql`true`;
  return Prisma.sql`(${PUBLISHED_SQL} OR n.namespace_id = ANY (ARRAY(
    SELECT m.namespace_id FROM namespace_member m WHERE m.account_id = ${principal.accountId})))`;
}

/** The repositories, and so the records, that a principal may read. The one place that decides it. */
export function readableBy(principal: Principal): Prisma.RepositoryWhereInput {
  if (principal.kind === 'anonymous') return PUBLISHED;
  if (principal.isAdmin) return {};
  return { OR: [PUBLISHED, memberWhere(principal.accountId, 'reader')] };
}

/** The repositories in which a principal holds at least `role`. */
export function heldBy(principal: Principal, role: NamespaceRole): Prisma.RepositoryWhereInput {
  if (principal.kind === 'anonymous') return { id: { in: [] } };
  if (principal.isAdmin) return {};
  return memberWhere(principal.accountId, role);
}

/** The versions that a principal may read: published ones, and those in work only within the own namespaces. */
export function versionsReadableBy(principal: Principal): Prisma.RecordVersionWhereInput {
  const published: Prisma.RecordVersionWhereInput = {
    state: { in: ['published', 'withdrawn'] },
    record: { repository: readableBy(principal) },
  };
  if (principal.kind === 'anonymous') return published;
  return { OR: [published, { record: { repository: heldBy(principal, 'reader') } }] };
}

/** `versionsReadableBy` for statements that are SQL: a condition on `record_version v` and its `repository n`. */
export function versionsReadableSql(principal: Principal): Prisma.Sql {
  // The version itself is the published one that a public repository must have.
  const published = Prisma.sql`(v.state IN ('published', 'withdrawn') AND n.visibility = 'public')`;
  if (principal.kind === 'anonymous') return published;
  if (principal.isAdmin) return Prisma.sql`true`;
  return Prisma.sql`(${published} OR EXISTS (
    SELECT FROM namespace_member m WHERE m.namespace_id = n.namespace_id AND m.account_id = ${principal.accountId}))`;
}

function memberWhere(accountId: bigint, role: NamespaceRole): Prisma.RepositoryWhereInput {
  return { namespace: { members: { some: { accountId, role: { in: rolesFrom(role) } } } } };
}
