import { Injectable } from '@nestjs/common';
import type { Principal } from '@envarium/access';
import { decodeCursor, type EdgePage, edgesOf, Prisma, PrismaService } from '@envarium/database';
import { normalizePypiName } from '@envarium/formats';
import type { PackageAnswer, PackageQuestion, PackageUse, PackageUseSummary, UseCount } from '@envarium/schema';
import { rangeRules } from '@envarium/versions';
import { presentHit } from './hit-sql.js';
import { type DecidedVersions, decideVersions, type PackageVersionRow } from './package-versions.js';
import { countUses, findUses, type PackageUseSql, type UseKey, type Wanted } from './package-uses.queries.js';

export interface PackageName {
  readonly ecosystem: string;
  /** In any spelling that the ecosystem takes for the same name. */
  readonly name: string;
}

interface Decided extends DecidedVersions {
  /** null: no environment names it. */
  readonly packageId: bigint | null;
  readonly all: readonly bigint[];
}

/**
 * Which environments hold a package in a version range, and what they led to. A package that nobody may see answers as one
 * that is not there.
 */
@Injectable()
export class PackageUsesService {
  constructor(private readonly prisma: PrismaService) {}

  /** Newest environment first. @throws ArchiveError RANGE_SYNTAX_INVALID, CURSOR_INVALID */
  async uses(
    principal: Principal,
    name: PackageName,
    question: PackageQuestion,
    limit: number,
    cursor: string | null,
  ): Promise<EdgePage<PackageUse>> {
    const after = cursor === null ? null : decodeUseKey(cursor);
    return await this.page(principal, await this.decide(name, question.range), question.answer, limit, after);
  }

  /** How many answer each way. @throws ArchiveError RANGE_SYNTAX_INVALID */
  async summary(principal: Principal, name: PackageName, range: string): Promise<PackageUseSummary> {
    return await this.count(principal, name, range, await this.decide(name, range));
  }

  /** The first page, and how many there are. @throws ArchiveError RANGE_SYNTAX_INVALID */
  async firstPage(
    principal: Principal,
    name: PackageName,
    { range, answer }: PackageQuestion,
    limit: number,
  ): Promise<{ page: EdgePage<PackageUse>; summary: PackageUseSummary }> {
    const decided = await this.decide(name, range);
    const [page, summary] = await Promise.all([
      this.page(principal, decided, answer, limit, null),
      this.count(principal, name, range, decided),
    ]);
    return { page, summary };
  }

  private async page(
    principal: Principal,
    decided: Decided,
    answer: PackageAnswer,
    limit: number,
    after: UseKey | null,
  ): Promise<EdgePage<PackageUse>> {
    const wanted = wantedOf(decided, answer);
    if (wanted === null) return { edges: [], hasNextPage: false };
    const rows = await findUses(this.prisma, principal, wanted, { limit: limit + 1, after });
    return edgesOf(rows, limit, (row) => [row.manifest_id, row.version_id], presentPackageUse);
  }

  private async count(
    principal: Principal,
    name: PackageName,
    range: string,
    decided: Decided,
  ): Promise<PackageUseSummary> {
    const countOf = async (answer: PackageAnswer): Promise<UseCount> => {
      const wanted = wantedOf(decided, answer);
      return wanted === null ? { count: 0, isAtLeast: false } : await countUses(this.prisma, principal, wanted);
    };
    const [uses, undecidable, unknown] = await Promise.all([
      countOf('uses'),
      countOf('undecidable'),
      countOf('unknown'),
    ]);
    return {
      ecosystem: name.ecosystem,
      name: normalizedName(name),
      range,
      rules: rangeRules(name.ecosystem),
      uses,
      undecidable,
      unknown,
    };
  }

  private async decide(name: PackageName, range: string): Promise<Decided> {
    const { rows } = await this.prisma.statement<{
      package_id: bigint;
      id: bigint | null;
      version: string | null;
    }>(Prisma.sql`
      SELECT k.id AS package_id, w.id, w.version FROM package k LEFT JOIN package_version w ON w.package_id = k.id
      WHERE k.ecosystem = ${name.ecosystem} AND k.normalized_name = ${normalizedName(name)}`);
    const versions = rows.flatMap(({ id, version }): PackageVersionRow[] =>
      id === null || version === null ? [] : [{ id, version }],
    );
    const decided = decideVersions(name.ecosystem, range, versions);
    return { ...decided, packageId: rows[0]?.package_id ?? null, all: versions.map(({ id }) => id) };
  }
}

function decodeUseKey(cursor: string): UseKey {
  const [manifestId, versionId] = decodeCursor(cursor, ['bigint', 'bigint']);
  return { manifestId, versionId };
}

/** null: nothing can answer this way. */
function wantedOf({ packageId, inRange, undecidable, all }: Decided, answer: PackageAnswer): Wanted | null {
  if (packageId === null) return null;
  switch (answer) {
    case 'uses':
      return inRange.length === 0 ? null : { kind: 'held', packageVersionIds: inRange, without: [] };
    case 'undecidable':
      return undecidable.length === 0 ? null : { kind: 'held', packageVersionIds: undecidable, without: inRange };
    case 'unknown':
      return { kind: 'asked-for', packageId, withoutInImage: all };
  }
}

/** As names are stored: see the formats. */
function normalizedName({ ecosystem, name }: PackageName): string {
  if (ecosystem === 'pypi') return normalizePypiName(name);
  return ecosystem === 'conda' ? name.toLowerCase() : name;
}

function presentPackageUse(row: PackageUseSql): PackageUse {
  return {
    ...presentHit(row),
    packages: row.packages.map(({ version, build, specifier, scope, standing, file, line }) => ({
      version,
      build,
      specifier,
      scope,
      standing,
      evidence: file === null ? null : { file, line },
    })),
  };
}
