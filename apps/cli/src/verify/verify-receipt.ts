import { open } from 'node:fs/promises';
import { ENVELOPE_MAX_SIZE, readPublicKeys, subjectDigests, verifyReceipt } from '@envarium/attestation';
import { ArchiveError } from '@envarium/errors';
import type { Output } from '../output.js';
import { claimLines } from '../text/receipt-text.js';
import { fields } from '../text/table.js';

/** Asks no server: what the receipt says is believed because one of the keys has signed it, or not at all. */
export async function verifyReceiptFile(
  output: Output,
  receiptFile: string,
  keyFile: string,
  expected: string | null,
): Promise<void> {
  const keys = readPublicKeys((await readBounded(keyFile)).toString('utf8'));
  const verified = verifyReceipt(await readBounded(receiptFile), keys, expected ?? undefined);
  const { kind, predicate, keyId, statement } = verified;
  const subjects = subjectDigests(statement);
  output.result({ receipt: receiptFile, keyId, kind, subjects, predicate }, [
    `Verified ${receiptFile}: signed by ${keyId}.`,
    ...fields([['about', subjects]]),
    ...claimLines(verified),
    ...(expected === null ? ['Compare `about` with the digest that the article cites, or give it with --digest.'] : []),
  ]);
}

/** @throws ArchiveError RECEIPT_INVALID before more is read than a receipt can have */
async function readBounded(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (size <= ENVELOPE_MAX_SIZE) return await handle.readFile();
    throw new ArchiveError('RECEIPT_INVALID', { reason: 'too-large', file, size, limit: ENVELOPE_MAX_SIZE });
  } finally {
    await handle.close();
  }
}
