import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits, recognisable by secret scanners through the prefix. */
export function newSecret(): string {
  return `env_${randomBytes(32).toString('base64url')}`;
}

/** What is stored instead of a secret. No salt is needed: the input is random, not a password that people choose. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('hex');
}

export function equalSecrets(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(hashSecret(a)), Buffer.from(hashSecret(b)));
}
