import { createPublicKey } from 'node:crypto';
import type { Prisma } from '@envarium/database';
import {
  ArchivedClosure,
  ArchivedRecipe,
  FileListDocument,
  PublicKey,
  RebuildPredicate,
  type Receipt,
  type ReceiptDetail,
  RerunPredicate,
} from '@envarium/schema';
import { z } from 'zod';

export const receiptSelect = {
  id: true,
  publicId: true,
  kind: true,
  outcome: true,
  summary: true,
  subjectDigest: true,
  artifactDigest: true,
  envelopeDigest: true,
  keyId: true,
  isProof: true,
  createdAt: true,
  run: { select: { publicId: true } },
  version: { select: { number: true, record: { select: { publicId: true } } } },
} as const satisfies Prisma.ReceiptSelect;
export type ReceiptRow = Prisma.ReceiptGetPayload<{ select: typeof receiptSelect }>;

export function presentReceipt(row: ReceiptRow): Receipt {
  return {
    id: row.publicId,
    kind: row.kind,
    recordId: row.version.record.publicId,
    version: row.version.number,
    runId: row.run?.publicId ?? null,
    outcome: row.outcome,
    summary: row.summary,
    subjectDigest: row.subjectDigest,
    artifactDigest: row.artifactDigest,
    envelopeDigest: row.envelopeDigest,
    keyId: row.keyId,
    isProof: row.isProof,
    createdAt: row.createdAt.toISOString(),
  };
}

const Signed = z.object({ predicate: z.unknown() });

/** The receipt with what was signed. */
export function presentReceiptDetail(row: ReceiptRow & { readonly statement: Prisma.JsonValue }): ReceiptDetail {
  const { predicate } = Signed.parse(row.statement);
  return {
    ...presentReceipt(row),
    rebuild: row.kind === 'rebuild' ? RebuildPredicate.parse(predicate) : null,
    rerun: row.kind === 'rerun' ? RerunPredicate.parse(predicate) : null,
  };
}

export const recipeSelect = { artifactDigest: true, document: true } as const satisfies Prisma.RecipeSelect;
type RecipeRow = Prisma.RecipeGetPayload<{ select: typeof recipeSelect }>;

export function presentRecipe(row: RecipeRow): ArchivedRecipe {
  return ArchivedRecipe.parse({ artifactDigest: row.artifactDigest, document: row.document });
}

export const closureSelect = { artifactDigest: true, document: true } as const satisfies Prisma.ClosureSelect;
type ClosureRow = Prisma.ClosureGetPayload<{ select: typeof closureSelect }>;

export function presentClosure(row: ClosureRow): ArchivedClosure {
  return ArchivedClosure.parse({ artifactDigest: row.artifactDigest, document: row.document });
}

export interface ArchivedFileList {
  readonly artifactDigest: string;
  readonly document: FileListDocument;
}

export function presentFileList(row: { artifactDigest: string; document: Prisma.JsonValue }): ArchivedFileList {
  return { artifactDigest: row.artifactDigest, document: FileListDocument.parse(row.document) };
}

interface KeyRow {
  readonly keyId: string;
  readonly publicKey: string;
  readonly createdAt: Date;
  readonly retiredAt: Date | null;
}

export function presentKey(row: KeyRow): PublicKey {
  return {
    keyId: row.keyId,
    algorithm: 'ed25519',
    pem: row.publicKey,
    jwk: PublicKey.shape.jwk.parse({ ...createPublicKey(row.publicKey).export({ format: 'jwk' }), kid: row.keyId }),
    createdAt: row.createdAt.toISOString(),
    retiredAt: row.retiredAt?.toISOString() ?? null,
  };
}
