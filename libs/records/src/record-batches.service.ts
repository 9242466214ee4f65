import { Injectable } from '@nestjs/common';
import { type Principal, readableBy, versionsReadableBy } from '@envarium/access';
import { decodeCursor, type EdgePage, edgesOf, PrismaService } from '@envarium/database';
import type { ArchiveRecord, Hold, PackageFile, RecordVersion } from '@envarium/schema';
import {
  holdSelect,
  packageFileSelect,
  presentHold,
  presentPackageFile,
  presentRecord,
  presentVersion,
  versionSelect,
} from './record.presenter.js';
import { recordSelect } from './records.service.js';

/** Names a version as `RecordVersion` does. */
export interface VersionKey {
  readonly recordId: string;
  readonly number: number;
}

/** The keys of the maps below: `env-3k7q-9w2x@v2`. */
export function versionReference({ recordId, number }: VersionKey): string {
  return `${recordId}@v${number}`;
}

/**
 * What belongs to many records or versions, in a number of queries that does not grow with them: for readers who walk
 * from lists to details. What a reader may not see is not in the answer.
 */
@Injectable()
export class RecordBatchesService {
  constructor(private readonly prisma: PrismaService) {}

  /** By identifier of the record. */
  async records(principal: Principal, recordIds: readonly string[]): Promise<ReadonlyMap<string, ArchiveRecord>> {
    const rows = await this.prisma.archiveRecord.findMany({
      where: { publicId: { in: [...recordIds] }, repository: readableBy(principal) },
      select: recordSelect(principal),
    });
    return new Map(rows.map((row) => [row.publicId, presentRecord(row)]));
  }

  /** By identifier of the record; newest version first, at most `limit` of each record. */
  async versions(
    principal: Principal,
    recordIds: readonly string[],
    limit: number,
    cursor: string | null,
  ): Promise<ReadonlyMap<string, EdgePage<RecordVersion>>> {
    const before = cursor === null ? null : decodeCursor(cursor, ['number'])[0];
    const rows = await this.prisma.archiveRecord.findMany({
      where: { publicId: { in: [...recordIds] }, repository: readableBy(principal) },
      select: {
        publicId: true,
        versions: {
          where: { AND: [versionsReadableBy(principal), before === null ? {} : { number: { lt: before } }] },
          orderBy: { number: 'desc' },
          take: limit + 1,
          select: versionSelect,
        },
      },
    });
    return new Map(
      rows.map((row) => [row.publicId, edgesOf(row.versions, limit, (version) => [version.number], presentVersion)]),
    );
  }

  /** By version reference. */
  async packageFiles(
    principal: Principal,
    versions: readonly VersionKey[],
  ): Promise<ReadonlyMap<string, readonly PackageFile[]>> {
    const references = await this.referencesById(principal, versions);
    const rows = await this.prisma.packageFile.findMany({
      where: { versionId: { in: [...references.keys()] } },
      orderBy: [{ versionId: 'asc' }, { path: 'asc' }],
      select: { versionId: true, ...packageFileSelect },
    });
    return groupBy(rows, (row) => references.get(row.versionId), presentPackageFile);
  }

  /** By version reference; oldest first. */
  async holds(principal: Principal, versions: readonly VersionKey[]): Promise<ReadonlyMap<string, readonly Hold[]>> {
    const references = await this.referencesById(principal, versions);
    const rows = await this.prisma.hold.findMany({
      where: { versionId: { in: [...references.keys()] } },
      orderBy: { id: 'asc' },
      select: { versionId: true, ...holdSelect },
    });
    return groupBy(rows, (row) => references.get(row.versionId), presentHold);
  }

  /** References by row, for services that keep rows of versions: those that exist and that the principal may read. */
  async referencesById(principal: Principal, versions: readonly VersionKey[]): Promise<ReadonlyMap<bigint, string>> {
    const asked = new Set(versions.map(versionReference));
    // Two lists, not pairs: a condition for each pair would be a join for each pair. The few too many fall out below.
    const rows = await this.prisma.recordVersion.findMany({
      where: {
        AND: [
          { record: { publicId: { in: [...new Set(versions.map((version) => version.recordId))] } } },
          { number: { in: [...new Set(versions.map((version) => version.number))] } },
          versionsReadableBy(principal),
        ],
      },
      select: { id: true, number: true, record: { select: { publicId: true } } },
    });
    const found = rows.map(
      (row) => [row.id, versionReference({ recordId: row.record.publicId, number: row.number })] as const,
    );
    return new Map(found.filter(([, reference]) => asked.has(reference)));
  }
}

function groupBy<R, T>(
  rows: readonly R[],
  keyOf: (row: R) => string | undefined,
  present: (row: R) => T,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const key = keyOf(row);
    if (key === undefined) continue;
    const group = groups.get(key) ?? [];
    group.push(present(row));
    groups.set(key, group);
  }
  return groups;
}
