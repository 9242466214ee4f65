import { Injectable } from '@nestjs/common';
import { heldBy, type Principal, readableBy, versionsReadableBy } from '@envarium/access';
import {
  decodeCursor,
  type EdgePage,
  edgesOf,
  type Page,
  pageOfEdges,
  type Prisma,
  PrismaService,
} from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import type { ArchiveRecord, Hold, PackageFile, RecordVersion } from '@envarium/schema';
import {
  holdSelect,
  packageFileSelect,
  presentHold,
  presentPackageFile,
  presentRecord,
  presentVersion,
  type VersionRow,
  versionSelect,
} from './record.presenter.js';
import { parseVersionReference, type VersionReference } from './version-reference.js';

export interface RecordFilter {
  readonly namespace?: string | undefined;
}

/** Records and versions as a reader sees them. What a reader may not see does not exist. */
@Injectable()
export class RecordsService {
  constructor(private readonly prisma: PrismaService) {}

  /** Newest record first. */
  async list(
    principal: Principal,
    filter: RecordFilter,
    limit: number,
    cursor: string | null,
  ): Promise<Page<ArchiveRecord>> {
    return pageOfEdges(await this.listEdges(principal, filter, limit, cursor));
  }

  /** `list` with a cursor for every record. */
  async listEdges(
    principal: Principal,
    filter: RecordFilter,
    limit: number,
    cursor: string | null,
  ): Promise<EdgePage<ArchiveRecord>> {
    const before = cursor === null ? null : decodeCursor(cursor, ['bigint'])[0];
    const rows = await this.prisma.archiveRecord.findMany({
      where: {
        AND: [
          { repository: readableBy(principal) },
          filter.namespace === undefined ? {} : { repository: { namespace: { name: filter.namespace } } },
          typeof before === 'bigint' ? { id: { lt: before } } : {},
        ],
      },
      orderBy: { id: 'desc' },
      take: limit + 1,
      select: recordSelect(principal),
    });
    return edgesOf(rows, limit, (row) => [row.id], presentRecord);
  }

  /** @param reference `env-3k7q-9w2x` or `lab/eeg` @throws ArchiveError RECORD_UNKNOWN */
  async record(principal: Principal, reference: string): Promise<ArchiveRecord> {
    const { record } = parseVersionReference(reference);
    const row = await this.prisma.archiveRecord.findFirst({
      where: { AND: [recordWhere(record), { repository: readableBy(principal) }] },
      select: recordSelect(principal),
    });
    if (row === null) throw new ArchiveError('RECORD_UNKNOWN', { reference });
    return presentRecord(row);
  }

  /** Newest version first. */
  async versions(
    principal: Principal,
    reference: string,
    limit: number,
    cursor: string | null,
  ): Promise<Page<RecordVersion>> {
    await this.record(principal, reference);
    const before = cursor === null ? null : decodeCursor(cursor, ['number'])[0];
    const rows = await this.prisma.recordVersion.findMany({
      where: {
        AND: [
          { record: recordWhere(parseVersionReference(reference).record) },
          versionsReadableBy(principal),
          typeof before === 'number' ? { number: { lt: before } } : {},
        ],
      },
      orderBy: { number: 'desc' },
      take: limit + 1,
      select: versionSelect,
    });
    return pageOfEdges(edgesOf(rows, limit, (row) => [row.number], presentVersion));
  }

  /**
   * A version by reference; without a number the newest published one, or the newest draft when nothing is published.
   * @throws ArchiveError RECORD_UNKNOWN, VERSION_UNKNOWN
   */
  async version(principal: Principal, reference: string): Promise<RecordVersion> {
    return presentVersion(await this.requireVersion(principal, reference));
  }

  /** The row behind `version`, for services that work on it. */
  async requireVersion(principal: Principal, reference: string): Promise<VersionRow> {
    const { record, version } = parseVersionReference(reference);
    const find = async (states: Prisma.RecordVersionWhereInput): Promise<VersionRow | null> =>
      await this.prisma.recordVersion.findFirst({
        where: { AND: [{ record: recordWhere(record) }, versionsReadableBy(principal), states] },
        orderBy: { number: 'desc' },
        select: versionSelect,
      });
    const row =
      version === null ? ((await find({ state: 'published' })) ?? (await find({}))) : await find({ number: version });
    if (row !== null) return row;
    throw new ArchiveError(version === null ? 'RECORD_UNKNOWN' : 'VERSION_UNKNOWN', { reference });
  }

  /**
   * A version that the principal may change or publish.
   * @throws ArchiveError UNAUTHORIZED, DENIED (may read, not write), and as `requireVersion`
   */
  async requireWritableVersion(principal: Principal, reference: string): Promise<VersionRow> {
    if (principal.kind === 'anonymous') throw new ArchiveError('UNAUTHORIZED');
    const row = await this.requireVersion(principal, reference);
    const held = { id: row.record.repository.id, ...heldBy(principal, 'depositor') };
    if ((await this.prisma.repository.count({ where: held })) === 0) throw new ArchiveError('DENIED', { reference });
    return row;
  }

  async packageFiles(principal: Principal, reference: string): Promise<PackageFile[]> {
    const { id } = await this.requireVersion(principal, reference);
    return await this.packageFilesOf(id);
  }

  async packageFilesOf(versionId: bigint): Promise<PackageFile[]> {
    const rows = await this.prisma.packageFile.findMany({
      where: { versionId },
      orderBy: { path: 'asc' },
      select: packageFileSelect,
    });
    return rows.map(presentPackageFile);
  }

  async holds(principal: Principal, reference: string): Promise<Hold[]> {
    const { id } = await this.requireVersion(principal, reference);
    const rows = await this.prisma.hold.findMany({
      where: { versionId: id },
      orderBy: { id: 'asc' },
      select: holdSelect,
    });
    return rows.map(presentHold);
  }
}

function recordWhere(record: VersionReference['record']): Prisma.ArchiveRecordWhereInput {
  return 'publicId' in record ? { publicId: record.publicId } : { repository: { name: record.repository } };
}

/** A record with what its title and newest published version are for this reader. */
export function recordSelect(principal: Principal) {
  return {
    id: true,
    publicId: true,
    createdAt: true,
    createdBy: true,
    repository: { select: { name: true, visibility: true } },
    versions: {
      where: versionsReadableBy(principal),
      orderBy: { number: 'desc' },
      take: 20,
      select: { number: true, title: true, state: true },
    },
  } as const satisfies Prisma.ArchiveRecordSelect;
}
