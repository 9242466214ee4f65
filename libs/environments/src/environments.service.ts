import { Injectable } from '@nestjs/common';
import { decodeCursor, type EdgePage, encodeCursor, type Page, pageOfEdges, PrismaService } from '@envarium/database';
import { HardwareFingerprint, type PackageHit } from '@envarium/schema';
import { type EnvironmentPackageRow, presentEnvironmentPackage } from './environment.presenter.js';

interface PackageRow extends EnvironmentPackageRow {
  readonly digest: string;
  readonly package_version_id: bigint;
  readonly is_beyond: boolean;
}

/** What is in an environment. Who may ask is decided where the version is looked up. */
@Injectable()
export class EnvironmentsService {
  constructor(private readonly prisma: PrismaService) {}

  /** Packages that an environment manifest fixes, in the order in which they were first registered. */
  async packages(manifestDigest: string, limit: number, cursor: string | null): Promise<Page<PackageHit>> {
    const page = (await this.packagesOf([manifestDigest], limit, cursor)).get(manifestDigest);
    return page === undefined ? { items: [], next: null } : pageOfEdges(page);
  }

  /**
   * The same for many environment manifests at once, by their digest. A manifest without packages is not in the answer.
   * @param limit package versions of each; one that stands in several scopes is one, so that a page never ends inside it
   */
  async packagesOf(
    manifestDigests: readonly string[],
    limit: number,
    cursor: string | null,
  ): Promise<ReadonlyMap<string, EdgePage<PackageHit>>> {
    const [after] = cursor === null ? [0n] : decodeCursor(cursor, ['bigint']);
    const rows = await this.prisma.$queryRaw<PackageRow[]>`
      SELECT m.digest, page.package_version_id, page.position > ${limit} AS is_beyond, e.scope::text, e.standing::text,
             v.version, v.build, k.ecosystem, k.normalized_name
      FROM environment_manifest m
      CROSS JOIN LATERAL (
        SELECT d.package_version_id, row_number() OVER (ORDER BY d.package_version_id) AS position
        FROM (
          SELECT DISTINCT e.package_version_id FROM environment_package e
          WHERE e.manifest_id = m.id AND e.package_version_id > ${after}
          ORDER BY e.package_version_id LIMIT ${limit + 1}
        ) d
      ) page
      JOIN environment_package e ON e.manifest_id = m.id AND e.package_version_id = page.package_version_id
      JOIN package_version v ON v.id = e.package_version_id
      JOIN package k ON k.id = v.package_id
      WHERE m.digest = ANY(${[...manifestDigests]}::text[])
      ORDER BY m.id, page.package_version_id, e.scope, e.standing`;
    const rowsOf = new Map<string, PackageRow[]>();
    for (const row of rows) {
      const group = rowsOf.get(row.digest);
      if (group === undefined) rowsOf.set(row.digest, [row]);
      else group.push(row);
    }
    return new Map([...rowsOf].map(([digest, group]) => [digest, packagePage(group)]));
  }

  /** Whole hardware fingerprints, by their digest. */
  async hardware(digests: readonly string[]): Promise<ReadonlyMap<string, HardwareFingerprint>> {
    const rows = await this.prisma.hardwareFingerprint.findMany({
      where: { digest: { in: [...digests] } },
      select: { digest: true, document: true },
    });
    return new Map(rows.map((row) => [row.digest, HardwareFingerprint.parse(row.document)]));
  }
}

function packagePage(rows: readonly PackageRow[]): EdgePage<PackageHit> {
  const edges = rows
    .filter((row) => !row.is_beyond)
    .map((row) => ({ node: presentEnvironmentPackage(row), cursor: encodeCursor([row.package_version_id]) }));
  return { edges, hasNextPage: rows.some((row) => row.is_beyond) };
}
