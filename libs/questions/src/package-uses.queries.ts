import { type Principal, versionsReadableSql } from '@envarium/access';
import { Prisma, type PrismaService } from '@envarium/database';
import type { UseCount } from '@envarium/schema';
import { imageEnvironmentsOf, versionsOfEnvironment } from './environment-sql.js';
import { HIT_COLUMNS, HIT_TABLES, type HitSql } from './hit-sql.js';

/** Which environments answer: those that hold a package version, or that ask for a package without one. */
export type Wanted =
  | {
      readonly kind: 'held';
      readonly packageVersionIds: readonly bigint[];
      /** An environment that holds one of these answers otherwise. */
      readonly without: readonly bigint[];
    }
  | {
      readonly kind: 'asked-for';
      readonly packageId: bigint;
      /** A version whose image holds one of these answers otherwise. */
      readonly withoutInImage: readonly bigint[];
    };

/** The last hit of the page before. */
export interface UseKey {
  readonly manifestId: bigint;
  readonly versionId: bigint;
}

export interface PackageUseSql extends HitSql {
  readonly manifest_id: bigint;
  readonly packages: readonly {
    readonly version: string | null;
    readonly build: string;
    readonly specifier: string | null;
    readonly scope: string;
    readonly standing: string;
    readonly file: string | null;
    readonly line: number | null;
  }[];
}

/** Most environments that are looked at in one step. */
const MAX_STEP = 5000;
/** How many times as many environments are looked through first as are wanted: enough where one in so many answers. */
const WINDOW_FACTOR = 4;
/** Counting ends here: a number that nobody waits for is worth more than one that everybody does. */
const COUNT_LIMIT = 1000;

/**
 * Hits from the newest environment down. Environments are found by the order of an index, a page of them at a time, and only
 * then is it seen who may read their versions: neither step grows with the archive, unless most of it is hidden.
 */
export async function findUses(
  prisma: PrismaService,
  principal: Principal,
  wanted: Wanted,
  page: { readonly limit: number; readonly after: UseKey | null },
): Promise<PackageUseSql[]> {
  const { limit, after } = page;
  const found: PackageUseSql[] = [];
  let from = after?.manifestId ?? null;
  let isCommon = wanted.kind === 'held';
  for (let step = limit; ; step = Math.min(step * 4, MAX_STEP)) {
    const near = isCommon ? await candidatesNear(prisma, wanted, from, step) : [];
    isCommon &&= near.length === step;
    const manifests = isCommon ? near : await candidates(prisma, wanted, from, step);
    const last = manifests.at(-1);
    if (last === undefined) return found;
    found.push(...(await readable(prisma, principal, wanted, manifests, { limit: limit - found.length, after })));
    if (found.length >= limit || manifests.length < step) return found;
    from = last - 1n;
  }
}

/** How many versions of records answer, as far as the principal may see them. */
export async function countUses(prisma: PrismaService, principal: Principal, wanted: Wanted): Promise<UseCount> {
  const { rows } = await prisma.statement<{ found: number; seen: number }>(Prisma.sql`
    SELECT count(DISTINCT t.id)::int AS found, count(*)::int AS seen FROM (
      SELECT v.id FROM ${wantedTable(wanted)} AS x
      CROSS JOIN LATERAL (${versionsOfEnvironment(Prisma.sql`x.manifest_id`)}) AS held
      JOIN record_version v ON v.id = held.version_id
      JOIN archive_record p ON p.id = v.record_id
      JOIN repository n ON n.id = p.repository_id
      WHERE ${wantedCondition(wanted)} ${imageWithout(wanted)} AND ${versionsReadableSql(principal)}
      LIMIT ${COUNT_LIMIT}
    ) t`);
  const [{ found, seen } = { found: 0, seen: 0 }] = rows;
  return { count: found, isAtLeast: seen >= COUNT_LIMIT };
}

/**
 * Candidates among the next environments alone, by their own index. Of a package that most environments hold this is a page
 * at once, where a walk for each of its versions would find many pages and throw them away.
 */
async function candidatesNear(
  prisma: PrismaService,
  wanted: Wanted,
  from: bigint | null,
  limit: number,
): Promise<bigint[]> {
  const top = from === null ? Prisma.sql`(SELECT max(id) FROM environment_manifest)` : Prisma.sql`${from}::bigint`;
  const { rows } = await prisma.statement<{ manifest_id: bigint }>(Prisma.sql`
    SELECT DISTINCT x.manifest_id FROM ${wantedTable(wanted)} AS x
    WHERE ${wantedCondition(wanted)} AND x.manifest_id <= ${top} AND x.manifest_id > ${top} - ${limit * WINDOW_FACTOR}
    ORDER BY x.manifest_id DESC LIMIT ${limit}`);
  return rows.map((row) => row.manifest_id);
}

async function candidates(
  prisma: PrismaService,
  wanted: Wanted,
  from: bigint | null,
  limit: number,
): Promise<bigint[]> {
  const isBefore = from === null ? Prisma.empty : Prisma.sql`AND x.manifest_id <= ${from}`;
  const ofOne = (condition: Prisma.Sql): Prisma.Sql => Prisma.sql`
    SELECT DISTINCT x.manifest_id FROM ${wantedTable(wanted)} AS x
    WHERE ${condition} ${without(wanted)} ${isBefore}
    ORDER BY x.manifest_id DESC LIMIT ${limit}`;
  const { rows } = await prisma.statement<{ manifest_id: bigint }>(
    wanted.kind === 'asked-for'
      ? ofOne(Prisma.sql`x.package_id = ${wanted.packageId} AND NOT x.is_fixed`)
      : // One walk down the index for each version, merged: a condition on all of them at once would have to be sorted.
        Prisma.sql`
          SELECT DISTINCT c.manifest_id FROM unnest(${[...wanted.packageVersionIds]}::bigint[]) AS w(id)
          CROSS JOIN LATERAL (${ofOne(Prisma.sql`x.package_version_id = w.id`)}) AS c
          ORDER BY c.manifest_id DESC LIMIT ${limit}`,
  );
  return rows.map((row) => row.manifest_id);
}

async function readable(
  prisma: PrismaService,
  principal: Principal,
  wanted: Wanted,
  manifests: readonly bigint[],
  { limit, after }: { readonly limit: number; readonly after: UseKey | null },
): Promise<PackageUseSql[]> {
  const isAfter =
    after === null ? Prisma.empty : Prisma.sql`AND (m.id, v.id) < (${after.manifestId}, ${after.versionId})`;
  const { rows } = await prisma.statement<PackageUseSql>(Prisma.sql`
    WITH page AS MATERIALIZED (
      SELECT DISTINCT v.id, m.id AS manifest_id
      FROM unnest(${[...manifests]}::bigint[]) AS m(id)
      CROSS JOIN LATERAL (${versionsOfEnvironment(Prisma.sql`m.id`)}) AS held
      JOIN record_version v ON v.id = held.version_id
      JOIN archive_record p ON p.id = v.record_id
      JOIN repository n ON n.id = p.repository_id
      WHERE ${versionsReadableSql(principal)} ${imageWithout(wanted)} ${isAfter}
      ORDER BY m.id DESC, v.id DESC
      LIMIT ${limit}
    )
    SELECT k.manifest_id, ${HIT_COLUMNS}, (${evidenceSql(wanted)}) AS packages
    FROM page k JOIN environment_manifest q ON q.id = k.manifest_id JOIN ${HIT_TABLES} ON v.id = k.id
    ORDER BY k.manifest_id DESC, v.id DESC`);
  return rows;
}

function evidenceSql(wanted: Wanted): Prisma.Sql {
  if (wanted.kind === 'asked-for') {
    return Prisma.sql`
      SELECT coalesce(jsonb_agg(jsonb_build_object('version', NULL, 'build', '', 'specifier', x.specifier, 'scope', x.scope,
               'standing', 'declared', 'file', q.files[x.file], 'line', x.line) ORDER BY x.scope, x.specifier), '[]')
      FROM environment_requirement x WHERE x.manifest_id = k.manifest_id AND x.package_id = ${wanted.packageId}`;
  }
  return Prisma.sql`
    SELECT coalesce(jsonb_agg(jsonb_build_object('version', w.version, 'build', w.build, 'specifier', NULL, 'scope', x.scope,
             'standing', x.standing, 'file', q.files[x.file], 'line', x.line)
             ORDER BY x.scope, x.package_version_id, x.standing), '[]')
    FROM environment_package x JOIN package_version w ON w.id = x.package_version_id
    WHERE x.manifest_id = k.manifest_id AND x.package_version_id = ANY(${[...wanted.packageVersionIds]}::bigint[])`;
}

function wantedTable({ kind }: Wanted): Prisma.Sql {
  return kind === 'held' ? Prisma.sql`environment_package` : Prisma.sql`environment_requirement`;
}

function wantedCondition(wanted: Wanted): Prisma.Sql {
  return wanted.kind === 'held'
    ? Prisma.sql`x.package_version_id = ANY(${[...wanted.packageVersionIds]}::bigint[]) ${without(wanted)}`
    : Prisma.sql`x.package_id = ${wanted.packageId} AND NOT x.is_fixed`;
}

function without(wanted: Wanted): Prisma.Sql {
  if (wanted.kind === 'asked-for' || wanted.without.length === 0) return Prisma.empty;
  return Prisma.sql`AND NOT EXISTS (
    SELECT FROM environment_package o
    WHERE o.manifest_id = x.manifest_id AND o.package_version_id = ANY(${[...wanted.without]}::bigint[]))`;
}

/** A version whose files ask for a package is not unknown when its image holds it. */
function imageWithout(wanted: Wanted): Prisma.Sql {
  if (wanted.kind === 'held' || wanted.withoutInImage.length === 0) return Prisma.empty;
  return Prisma.sql`AND NOT EXISTS (
    SELECT FROM (${imageEnvironmentsOf(Prisma.sql`v.image_digest`)}) AS i
    JOIN environment_package o ON o.manifest_id = i.manifest_id
    WHERE o.package_version_id = ANY(${[...wanted.withoutInImage]}::bigint[]))`;
}
