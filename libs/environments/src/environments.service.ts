import { Injectable } from '@nestjs/common';
import { decodeCursor, type EdgePage, encodeCursor, type Page, pageOfEdges, PrismaService } from '@envarium/database';
import { HardwareFingerprint, type PackageHit, type RecordVersion } from '@envarium/schema';
import { type EnvironmentPackageRow, presentEnvironmentPackage } from './environment.presenter.js';
import { ImageEnvironmentsService } from './image-environments.service.js';

interface PackageRow extends EnvironmentPackageRow {
  readonly key: string;
  readonly package_version_id: bigint;
  readonly is_beyond: boolean;
}

/** What of a version says which packages it has. */
export type VersionContent = Pick<RecordVersion, 'imageDigest'> & {
  readonly environment: { readonly digest: string } | null;
};

/** What is in an environment. Who may ask is decided where the version is looked up. */
@Injectable()
export class EnvironmentsService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly images: ImageEnvironmentsService,
  ) {}

  /** Packages that the package files of a version fix or that its image has, in the order in which they were first registered. */
  async packages(version: VersionContent, limit: number, cursor: string | null): Promise<Page<PackageHit>> {
    const page = (await this.packagesOfVersions(new Map([['', version]]), limit, cursor)).get('');
    return page === undefined ? { items: [], next: null } : pageOfEdges(page);
  }

  /** The same for many versions at once, by any keys. */
  async packagesOfVersions(
    versions: ReadonlyMap<string, VersionContent>,
    limit: number,
    cursor: string | null,
  ): Promise<ReadonlyMap<string, EdgePage<PackageHit>>> {
    const images = await this.images.of([...versions.values()].flatMap(({ imageDigest }) => imageDigest ?? []));
    const manifests = [...versions].flatMap(([key, { environment, imageDigest }]) => {
      const ofImage = imageDigest === null ? [] : (images.get(imageDigest) ?? []);
      const digests = [environment?.digest ?? null, ...ofImage.map((each) => each.environmentDigest)];
      return digests.flatMap((digest) => (digest === null ? [] : [{ key, digest }]));
    });
    return await this.packagesOf(manifests, limit, cursor);
  }

  /**
   * Packages of environment manifests, those of one key together. A key without packages is not in the answer.
   * @param limit package versions of each; one that stands in several scopes is one, so that a page never ends inside it
   */
  private async packagesOf(
    manifests: readonly { readonly key: string; readonly digest: string }[],
    limit: number,
    cursor: string | null,
  ): Promise<ReadonlyMap<string, EdgePage<PackageHit>>> {
    const [after] = cursor === null ? [0n] : decodeCursor(cursor, ['bigint']);
    const rows = await this.prisma.$queryRaw<PackageRow[]>`
      SELECT DISTINCT q.key, page.package_version_id, page.position > ${limit} AS is_beyond, e.scope::text, e.standing::text,
             v.version, v.build, k.ecosystem, k.normalized_name
      FROM (
        SELECT g.key, array_agg(m.id) AS ids
        FROM unnest(${manifests.map(({ key }) => key)}::text[], ${manifests.map(({ digest }) => digest)}::text[]) AS g(key, digest)
        JOIN environment_manifest m ON m.digest = g.digest
        GROUP BY g.key
      ) q
      CROSS JOIN LATERAL (
        SELECT d.package_version_id, row_number() OVER (ORDER BY d.package_version_id) AS position
        FROM (
          SELECT DISTINCT e.package_version_id FROM environment_package e
          WHERE e.manifest_id = ANY(q.ids) AND e.package_version_id > ${after}
          ORDER BY e.package_version_id LIMIT ${limit + 1}
        ) d
      ) page
      JOIN environment_package e ON e.manifest_id = ANY(q.ids) AND e.package_version_id = page.package_version_id
      JOIN package_version v ON v.id = e.package_version_id
      JOIN package k ON k.id = v.package_id
      ORDER BY q.key, page.package_version_id, e.scope::text, e.standing::text`;
    const rowsOf = new Map<string, PackageRow[]>();
    for (const row of rows) {
      const group = rowsOf.get(row.key);
      if (group === undefined) rowsOf.set(row.key, [row]);
      else group.push(row);
    }
    return new Map([...rowsOf].map(([key, group]) => [key, packagePage(group)]));
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
