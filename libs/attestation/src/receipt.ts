import type { KeyObject } from 'node:crypto';
import { ArchiveError } from '@envarium/errors';
import { REBUILD_PREDICATE_TYPE, RebuildPredicate, RERUN_PREDICATE_TYPE, RerunPredicate } from '@envarium/schema';
import { firstIssue, payloadOf, readEnvelope, signerOf } from './dsse.js';
import { keyIdOf } from './key-id.js';
import { IN_TOTO_PAYLOAD_TYPE, readStatement, type Statement, subjectDigests } from './statement.js';

/** What a receipt says, by what it is about: an environment, or a result. The two are never mixed. */
export type ReceiptClaim =
  | { readonly kind: 'rebuild'; readonly predicate: RebuildPredicate }
  | { readonly kind: 'rerun'; readonly predicate: RerunPredicate };

export type ReadReceipt = ReceiptClaim & {
  readonly statement: Statement;
  /** As the envelope says; nobody has signed this. */
  readonly keyIds: readonly string[];
};

/** Reads a receipt without believing it. @throws ArchiveError RECEIPT_INVALID with a `reason` */
export function readReceipt(bytes: Uint8Array): ReadReceipt {
  const envelope = readEnvelope(bytes);
  const read = readStatement(requirePayload(envelope.payloadType, payloadOf(envelope)));
  const keyIds = envelope.signatures.flatMap(({ keyid }) => (typeof keyid === 'string' ? [keyid] : []));
  return { ...claimOf(read), statement: read, keyIds };
}

/**
 * Believes an envelope only when one of the keys has signed exactly these bytes.
 * @throws ArchiveError RECEIPT_INVALID with a `reason`: too-large, not-json, not-an-envelope, unknown-key, signature-wrong,
 *   payload-type, payload-not-json, not-a-statement
 */
export function verifyEnvelope(bytes: Uint8Array, keys: readonly KeyObject[]): { keyId: string; statement: Statement } {
  const envelope = readEnvelope(bytes);
  // First the signature: nothing of what is not signed is looked at.
  const keyId = keyIdOf(signerOf(envelope, keys));
  return { keyId, statement: readStatement(requirePayload(envelope.payloadType, payloadOf(envelope))) };
}

/**
 * `verifyEnvelope`, and the statement is one of ours.
 * @param subject digest that the receipt must be about, when the person knows it
 * @throws ArchiveError RECEIPT_INVALID, also with `predicate-type`, `predicate-invalid`, `subject-differs`
 */
export function verifyReceipt(
  bytes: Uint8Array,
  keys: readonly KeyObject[],
  subject?: string,
): ReceiptClaim & { readonly statement: Statement; readonly keyId: string } {
  const verified = verifyEnvelope(bytes, keys);
  const claim = claimOf(verified.statement);
  const subjects = subjectDigests(verified.statement);
  if (subject !== undefined && !subjects.includes(subject)) {
    throw new ArchiveError('RECEIPT_INVALID', { reason: 'subject-differs', expected: subject, actual: subjects });
  }
  return { ...claim, ...verified };
}

function requirePayload(payloadType: string, payload: Buffer): Buffer {
  if (payloadType === IN_TOTO_PAYLOAD_TYPE) return payload;
  throw new ArchiveError('RECEIPT_INVALID', {
    reason: 'payload-type',
    expected: IN_TOTO_PAYLOAD_TYPE,
    actual: payloadType,
  });
}

function claimOf({ predicateType, predicate }: Statement): ReceiptClaim {
  if (predicateType === REBUILD_PREDICATE_TYPE) {
    const { data, error } = RebuildPredicate.safeParse(predicate);
    if (data !== undefined) return { kind: 'rebuild', predicate: data };
    throw new ArchiveError('RECEIPT_INVALID', { reason: 'predicate-invalid', ...firstIssue(error) });
  }
  if (predicateType === RERUN_PREDICATE_TYPE) {
    const { data, error } = RerunPredicate.safeParse(predicate);
    if (data !== undefined) return { kind: 'rerun', predicate: data };
    throw new ArchiveError('RECEIPT_INVALID', { reason: 'predicate-invalid', ...firstIssue(error) });
  }
  throw new ArchiveError('RECEIPT_INVALID', {
    reason: 'predicate-type',
    expected: [REBUILD_PREDICATE_TYPE, RERUN_PREDICATE_TYPE],
    actual: predicateType,
  });
}
