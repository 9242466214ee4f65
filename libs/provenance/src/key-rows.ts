import type { Prisma } from '@envarium/database';
import type { Transaction } from '@envarium/journal';

export interface PublicHalf {
  readonly keyId: string;
  /** PEM */
  readonly publicKey: string;
  readonly createdAt: Date;
}

type SigningKeyRow = Prisma.SigningKeyGetPayload<object>;

/** @param sealed private half; null when only the public one is left, as after a reindex */
export async function writeKey(
  tx: Transaction,
  { keyId, publicKey, createdAt }: PublicHalf,
  sealed: Uint8Array | null,
): Promise<SigningKeyRow> {
  const privateKey = sealed === null ? null : Uint8Array.from(sealed);
  return await tx.signingKey.create({ data: { keyId, publicKey, privateKey, createdAt } });
}

/** The public half stays; the private one is forgotten. */
export async function writeKeyRetirement(tx: Transaction, keyId: string, retiredAt: Date): Promise<void> {
  await tx.signingKey.update({ where: { keyId }, data: { retiredAt, privateKey: null } });
}
