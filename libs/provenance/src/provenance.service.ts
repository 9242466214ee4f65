import { Injectable } from '@nestjs/common';
import { type Principal, versionsReadableBy } from '@envarium/access';
import { decodeCursor, edgesOf, encodeCursor, type Page, pageOfEdges, PrismaService } from '@envarium/database';
import { ArchiveError } from '@envarium/errors';
import { RecordsService } from '@envarium/records';
import {
  type ArchivedClosure,
  type ArchivedRecipe,
  ClosurePackage,
  isStorableText,
  type Receipt,
  type ReceiptDetail,
} from '@envarium/schema';
import { olderThan } from './older-than.js';
import { ProvenanceArtifacts } from './provenance-artifacts.js';
import {
  closureSelect,
  presentClosure,
  presentReceipt,
  presentReceiptDetail,
  presentRecipe,
  receiptSelect,
  recipeSelect,
} from './provenance.presenter.js';

/** What can be said about how a version was rebuilt, to those who may see the version. */
@Injectable()
export class ProvenanceService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly records: RecordsService,
    private readonly artifacts: ProvenanceArtifacts,
  ) {}

  /** The newest recipe. @throws ArchiveError RECIPE_UNKNOWN, and as `RecordsService.requireVersion` */
  async recipe(principal: Principal, reference: string): Promise<ArchivedRecipe> {
    const { id } = await this.records.requireVersion(principal, reference);
    const found = await this.latestRecipe(id);
    if (found === null) throw new ArchiveError('RECIPE_UNKNOWN', { reference });
    return found;
  }

  async dockerfile(principal: Principal, reference: string): Promise<Buffer> {
    const { document } = await this.recipe(principal, reference);
    return await this.artifacts.readBytes(document.dockerfile);
  }

  /** Newest first. */
  async closures(
    principal: Principal,
    reference: string,
    limit: number,
    cursor: string | null,
  ): Promise<Page<ArchivedClosure>> {
    const { id: versionId } = await this.records.requireVersion(principal, reference);
    const rows = await this.prisma.closure.findMany({
      where: { AND: [{ versionId }, olderThan(cursor)] },
      orderBy: { id: 'desc' },
      take: limit + 1,
      select: { id: true, ...closureSelect },
    });
    return pageOfEdges(edgesOf(rows, limit, (row) => [row.id], presentClosure));
  }

  /** What the newest closure holds, as packages, in the order of its list. @throws ArchiveError CLOSURE_UNKNOWN */
  async closurePackages(
    principal: Principal,
    reference: string,
    limit: number,
    cursor: string | null,
  ): Promise<Page<ClosurePackage>> {
    const { id } = await this.records.requireVersion(principal, reference);
    const closure = await this.latestClosure(id);
    if (closure === null) throw new ArchiveError('CLOSURE_UNKNOWN', { reference });
    const from = cursor === null ? 0 : decodeCursor(cursor, ['number'])[0];
    if (!Number.isSafeInteger(from) || from < 0) throw new ArchiveError('CURSOR_INVALID', { cursor });
    const bytes = await this.artifacts.readBytes(closure.document.packages.digest);
    const lines = bytes
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '');
    const items = lines.slice(from, from + limit).map((line) => ClosurePackage.parse(JSON.parse(line)));
    return { items, next: lines.length > from + limit ? encodeCursor([from + limit]) : null };
  }

  /** Newest first. */
  async receipts(
    principal: Principal,
    reference: string,
    limit: number,
    cursor: string | null,
  ): Promise<Page<Receipt>> {
    const { id: versionId } = await this.records.requireVersion(principal, reference);
    const rows = await this.prisma.receipt.findMany({
      where: { AND: [{ versionId }, olderThan(cursor)] },
      orderBy: { id: 'desc' },
      take: limit + 1,
      select: receiptSelect,
    });
    return pageOfEdges(edgesOf(rows, limit, (row) => [row.id], presentReceipt));
  }

  /** The newest ones, with what was signed. */
  async receiptDetails(principal: Principal, reference: string, limit: number): Promise<ReceiptDetail[]> {
    const { id: versionId } = await this.records.requireVersion(principal, reference);
    const rows = await this.prisma.receipt.findMany({
      where: { versionId },
      orderBy: { id: 'desc' },
      take: limit,
      select: { ...receiptSelect, statement: true },
    });
    return rows.map(presentReceiptDetail);
  }

  /** @throws ArchiveError RECEIPT_UNKNOWN, also for receipts of versions that the principal may not see */
  async receipt(principal: Principal, id: string): Promise<ReceiptDetail> {
    // What is no identifier names nothing; PostgreSQL would choke on a NUL.
    const row = !isStorableText(id)
      ? null
      : await this.prisma.receipt.findFirst({
          where: { publicId: id, version: versionsReadableBy(principal) },
          select: { ...receiptSelect, statement: true },
        });
    if (row === null) throw new ArchiveError('RECEIPT_UNKNOWN', { receipt: id.slice(0, 100) });
    return presentReceiptDetail(row);
  }

  /** The DSSE envelope, byte for byte as it was signed. @throws ArchiveError RECEIPT_UNKNOWN */
  async envelope(principal: Principal, id: string): Promise<{ digest: string; bytes: Buffer }> {
    const { envelopeDigest } = await this.receipt(principal, id);
    return { digest: envelopeDigest, bytes: await this.artifacts.readBytes(envelopeDigest) };
  }

  /** For services that have the version already and have asked who may see it. */
  async latestRecipe(versionId: bigint): Promise<ArchivedRecipe | null> {
    const where = { versionId };
    const row = await this.prisma.recipe.findFirst({ where, orderBy: { id: 'desc' }, select: recipeSelect });
    return row === null ? null : presentRecipe(row);
  }

  /** By the digest of its artifact, as a closure names it. */
  async recipeByDigest(artifactDigest: string): Promise<ArchivedRecipe | null> {
    const row = await this.prisma.recipe.findUnique({ where: { artifactDigest }, select: recipeSelect });
    return row === null ? null : presentRecipe(row);
  }

  /** As `latestRecipe`. */
  async latestClosure(versionId: bigint): Promise<ArchivedClosure | null> {
    const where = { versionId };
    const row = await this.prisma.closure.findFirst({ where, orderBy: { id: 'desc' }, select: closureSelect });
    return row === null ? null : presentClosure(row);
  }

  /** The newest receipt that proves what a closure gives; null while it is unproven. */
  async latestProof(versionId: bigint, closureDigest: string): Promise<Receipt | null> {
    const row = await this.prisma.receipt.findFirst({
      where: {
        versionId,
        kind: 'rebuild',
        isProof: true,
        statement: { path: ['predicate', 'closureDigest'], equals: closureDigest },
      },
      orderBy: { id: 'desc' },
      select: receiptSelect,
    });
    return row === null ? null : presentReceipt(row);
  }
}
