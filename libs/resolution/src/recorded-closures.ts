import { Injectable } from '@nestjs/common';
import { PrismaService } from '@envarium/database';
import { ClosureDocument, type FixityEvidence, RecipeDocument, type RouteReceipt } from '@envarium/schema';
import { fixityOf } from './fixity-of.js';
import { type ClosureBlob, ImageClosure } from './image-closure.js';

/** Closures that are looked at, newest first; a version has one, or a few. */
const MAX_CLOSURES = 5;
const MAX_RECEIPTS = 20;

/** One recorded closure: what it is, which of its bytes are here, and what rebuilds from it gave. */
export interface RecordedClosure {
  readonly digest: string;
  readonly document: ClosureDocument;
  readonly fixity: FixityEvidence;
  /** Blobs that are damaged, or not here. */
  readonly missing: readonly ClosureBlob[];
  /** Newest first. */
  readonly receipts: readonly RouteReceipt[];
}

interface ClosureRow {
  readonly artifactDigest: string;
  readonly document: unknown;
  readonly recipe: { readonly artifactDigest: string; readonly document: unknown };
}

@Injectable()
export class RecordedClosures {
  constructor(
    private readonly prisma: PrismaService,
    private readonly closure: ImageClosure,
  ) {}

  /** Newest first. */
  async of(versionId: bigint): Promise<RecordedClosure[]> {
    const rows = await this.prisma.closure.findMany({
      where: { versionId },
      orderBy: { id: 'desc' },
      take: MAX_CLOSURES,
      select: { artifactDigest: true, document: true, recipe: { select: { artifactDigest: true, document: true } } },
    });
    return await Promise.all(rows.map(async (row) => await this.examine(versionId, row)));
  }

  private async examine(versionId: bigint, row: ClosureRow): Promise<RecordedClosure> {
    const document = ClosureDocument.parse(row.document);
    const recipe = RecipeDocument.parse(row.recipe.document);
    const [blobs, receipts] = await Promise.all([
      this.closure.blobsOfAll(rootsOf(row.artifactDigest, row.recipe.artifactDigest, document, recipe)),
      this.receipts(versionId, row.artifactDigest),
    ]);
    const missing = blobs.filter(({ state }) => state !== 'ok');
    return { digest: row.artifactDigest, document, fixity: fixityOf(blobs), missing, receipts };
  }

  private async receipts(versionId: bigint, closureDigest: string): Promise<RouteReceipt[]> {
    const rows = await this.prisma.receipt.findMany({
      where: { versionId, kind: 'rebuild', statement: { path: ['predicate', 'closureDigest'], equals: closureDigest } },
      orderBy: { id: 'desc' },
      take: MAX_RECEIPTS,
      select: { publicId: true, outcome: true, isProof: true, createdAt: true },
    });
    return rows.map(({ publicId, outcome, isProof, createdAt }) => ({
      id: publicId,
      outcome,
      isProof,
      createdAt: createdAt.toISOString(),
    }));
  }
}

/** Everything that a rebuild reads: what was recorded, the recipe, the images that it starts from, and the builder. */
function rootsOf(closure: string, recipe: string, document: ClosureDocument, { bases }: RecipeDocument): string[] {
  const builder = document.builder.image === null ? [] : [document.builder.image.digest];
  return [...new Set([closure, recipe, ...bases.map(({ digest }) => digest), ...builder])];
}
