import { type KeyObject, sign, verify } from 'node:crypto';
import { ArchiveError } from '@envarium/errors';
import { canonicalJson } from '@envarium/schema';
import { z } from 'zod';
import { keyIdOf } from './key-id.js';

/** A comparison of two images lists its first differences only: a true envelope is far below this. */
export const ENVELOPE_MAX_SIZE = 16 * 1024 * 1024;
const MAX_SIGNATURES = 16;

/**
 * Writers use the alphabet of RFC 4648 section 4, some that of section 5, with or without padding; readers take both.
 * https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
 */
const Base64 = z.string().regex(/^[A-Za-z0-9+/_-]*={0,2}$/, 'is not base64');

/** https://github.com/secure-systems-lab/dsse/blob/master/envelope.md */
export const DsseEnvelope = z.object({
  payload: Base64,
  payloadType: z.string().min(1).max(255),
  signatures: z
    .array(z.object({ keyid: z.string().max(512).nullish(), sig: Base64.max(1024) }))
    .min(1)
    .max(MAX_SIGNATURES),
});
export type DsseEnvelope = z.infer<typeof DsseEnvelope>;

/** What is signed: both the type and the bytes, each with its length, so that neither can be taken for the other. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType, 'utf8');
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${payload.length} `),
    Buffer.from(payload),
  ]);
}

/** @param key private half of an ed25519 pair */
export function signEnvelope(payload: Uint8Array, payloadType: string, key: KeyObject): DsseEnvelope {
  const signature = sign(null, preAuthEncoding(payloadType, payload), key);
  return {
    payload: Buffer.from(payload).toString('base64'),
    payloadType,
    signatures: [{ keyid: keyIdOf(key), sig: signature.toString('base64') }],
  };
}

export function envelopeBytes(envelope: DsseEnvelope): Buffer {
  return canonicalJson(envelope);
}

/** @throws ArchiveError RECEIPT_INVALID: too large, not JSON, or not an envelope. Nothing is verified yet. */
export function readEnvelope(bytes: Uint8Array): DsseEnvelope {
  if (bytes.length > ENVELOPE_MAX_SIZE) {
    throw new ArchiveError('RECEIPT_INVALID', { reason: 'too-large', size: bytes.length, limit: ENVELOPE_MAX_SIZE });
  }
  const { data, error } = DsseEnvelope.safeParse(parseJson(bytes, 'not-json'));
  if (data === undefined)
    throw new ArchiveError('RECEIPT_INVALID', { reason: 'not-an-envelope', ...firstIssue(error) });
  return data;
}

export function payloadOf(envelope: DsseEnvelope): Buffer {
  // Node's decoder takes both alphabets.
  return Buffer.from(envelope.payload, 'base64');
}

/**
 * Which of the keys made a signature of the envelope. Key identifiers are hints that nobody signed: the right key is tried
 * first, and a signature without an identifier of ours is tried with all.
 * @throws ArchiveError RECEIPT_INVALID: `unknown-key` (made by none of the keys, as it says itself), `signature-wrong`
 */
export function signerOf(envelope: DsseEnvelope, keys: readonly KeyObject[]): KeyObject {
  const signed = preAuthEncoding(envelope.payloadType, payloadOf(envelope));
  const named = new Set(envelope.signatures.map(({ keyid }) => keyid));
  for (const { sig } of envelope.signatures) {
    const signature = Buffer.from(sig, 'base64');
    const signer = keys.find((key) => key.asymmetricKeyType === 'ed25519' && verify(null, signed, key, signature));
    if (signer !== undefined) return signer;
  }
  const isKnown = keys.some((key) => named.has(keyIdOf(key)));
  throw new ArchiveError('RECEIPT_INVALID', {
    reason: isKnown ? 'signature-wrong' : 'unknown-key',
    keyIds: [...named].map((keyid) => keyid ?? null),
    known: keys.map(keyIdOf),
  });
}

/** @throws ArchiveError RECEIPT_INVALID */
export function parseJson(bytes: Uint8Array, reason: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ArchiveError('RECEIPT_INVALID', { reason }, { cause });
  }
}

/** Where the first thing stands that is not as it should be, and what it is. */
export function firstIssue(error: z.ZodError): { path: string; problem: string } {
  const [issue] = error.issues;
  return { path: issue?.path.join('.') ?? '', problem: issue?.message ?? '' };
}
