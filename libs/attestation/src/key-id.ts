import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { ArchiveError } from '@envarium/errors';

const KEY_MAX_SIZE = 16 * 1024;
const KEYS_MAX_SIZE = 1024 * 1024;
const PUBLIC_KEY = /-----BEGIN PUBLIC KEY-----[^-]*-----END PUBLIC KEY-----/g;

/** sha256 of the DER-encoded public half (SubjectPublicKeyInfo), hex. @param key either half of a pair */
export function keyIdOf(key: KeyObject): string {
  const half = key.type === 'private' ? createPublicKey(key) : key;
  return createHash('sha256')
    .update(half.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/** @throws ArchiveError RECEIPT_INVALID: `not-a-key`, when the PEM text does not hold an ed25519 public key */
export function readPublicKey(pem: string): KeyObject {
  const key = pem.length > KEY_MAX_SIZE || pem.includes('PRIVATE KEY') ? null : parsePem(pem);
  if (key?.asymmetricKeyType === 'ed25519') return key;
  throw new ArchiveError('RECEIPT_INVALID', { reason: 'not-a-key', expected: 'PEM of an ed25519 public key' });
}

/** All public keys of a PEM text; what stands between them is passed over. @throws ArchiveError as `readPublicKey`, also for none */
export function readPublicKeys(pem: string): KeyObject[] {
  const blocks = pem.length > KEYS_MAX_SIZE ? [] : (pem.match(PUBLIC_KEY) ?? []);
  return blocks.length === 0 ? [readPublicKey('')] : blocks.map(readPublicKey);
}

function parsePem(pem: string): KeyObject | null {
  try {
    return createPublicKey(pem);
  } catch {
    return null;
  }
}
