import { Injectable } from '@nestjs/common';
import type { Principal } from '@envarium/access';
import { type EdgePage, edgesOf, PrismaService } from '@envarium/database';
import { RecordBatchesService, type VersionKey } from '@envarium/records';
import type { ArchivedClosure, ArchivedRecipe, Receipt } from '@envarium/schema';
import { olderThan } from './older-than.js';
import {
  closureSelect,
  presentClosure,
  presentReceipt,
  presentRecipe,
  receiptSelect,
  recipeSelect,
} from './provenance.presenter.js';

/**
 * What belongs to many versions, by version reference, in a number of queries that does not grow with them. What a reader
 * may not see is not in the answer.
 */
@Injectable()
export class ProvenanceBatchesService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly records: RecordBatchesService,
  ) {}

  /** The newest recipe of each. */
  async recipes(principal: Principal, versions: readonly VersionKey[]): Promise<ReadonlyMap<string, ArchivedRecipe>> {
    const references = await this.records.referencesById(principal, versions);
    const rows = await this.prisma.recordVersion.findMany({
      where: { id: { in: [...references.keys()] } },
      select: { id: true, recipes: { orderBy: { id: 'desc' }, take: 1, select: recipeSelect } },
    });
    return new Map(
      rows.flatMap(({ id, recipes: [recipe] }) =>
        recipe === undefined ? [] : [[references.get(id) ?? '', presentRecipe(recipe)] as const],
      ),
    );
  }

  /** At most `limit` of each, newest first. */
  async closures(
    principal: Principal,
    versions: readonly VersionKey[],
    limit: number,
    cursor: string | null,
  ): Promise<ReadonlyMap<string, EdgePage<ArchivedClosure>>> {
    const references = await this.records.referencesById(principal, versions);
    const rows = await this.prisma.recordVersion.findMany({
      where: { id: { in: [...references.keys()] } },
      select: {
        id: true,
        closures: {
          where: olderThan(cursor),
          orderBy: { id: 'desc' },
          take: limit + 1,
          select: { id: true, ...closureSelect },
        },
      },
    });
    return new Map(
      rows.map((row) => [
        references.get(row.id) ?? '',
        edgesOf(row.closures, limit, (closure) => [closure.id], presentClosure),
      ]),
    );
  }

  /** At most `limit` of each, newest first. */
  async receipts(
    principal: Principal,
    versions: readonly VersionKey[],
    limit: number,
    cursor: string | null,
  ): Promise<ReadonlyMap<string, EdgePage<Receipt>>> {
    const references = await this.records.referencesById(principal, versions);
    const rows = await this.prisma.recordVersion.findMany({
      where: { id: { in: [...references.keys()] } },
      select: {
        id: true,
        receipts: { where: olderThan(cursor), orderBy: { id: 'desc' }, take: limit + 1, select: receiptSelect },
      },
    });
    return new Map(
      rows.map((row) => [
        references.get(row.id) ?? '',
        edgesOf(row.receipts, limit, (receipt) => [receipt.id], presentReceipt),
      ]),
    );
  }
}
