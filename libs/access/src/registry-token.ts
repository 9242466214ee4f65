import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** Actions of a registry scope, as in `repository:lab/eeg:pull,push`. */
export const RegistryAction = z.enum(['pull', 'push', 'delete']);
export type RegistryAction = z.infer<typeof RegistryAction>;

/** What a registry token permits: the intersection of what was asked for and what the account may do. */
export const RegistryGrant = z.object({ name: z.string(), actions: z.array(RegistryAction) });
export type RegistryGrant = z.infer<typeof RegistryGrant>;

const Claims = z.object({
  sub: z.string().nullable(),
  access: z.array(RegistryGrant),
  iat: z.number().int(),
  exp: z.number().int(),
});
export type RegistryClaims = z.infer<typeof Claims>;

/** Long enough for the largest image manifest list: clients check only at the start of a request. */
export const REGISTRY_TOKEN_SECONDS = 900;

const PREFIX = 'envr';

/** A short-lived bearer token, opaque to clients: `envr.<claims>.<HMAC-SHA-256>`, both base64url. */
export function signRegistryToken(claims: Omit<RegistryClaims, 'iat' | 'exp'>, secret: string, now: Date): string {
  const iat = Math.floor(now.getTime() / 1000);
  const body = Buffer.from(JSON.stringify({ ...claims, iat, exp: iat + REGISTRY_TOKEN_SECONDS })).toString('base64url');
  return `${PREFIX}.${body}.${mac(body, secret)}`;
}

/** @returns null when the token is not ours, changed or expired */
export function readRegistryToken(token: string, secret: string, now: Date): RegistryClaims | null {
  const [prefix, body, signature, ...rest] = token.split('.');
  if (prefix !== PREFIX || body === undefined || signature === undefined || rest.length > 0) return null;
  const expected = Buffer.from(mac(body, secret));
  const given = Buffer.from(signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return null;
  const claims = Claims.parse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')));
  return claims.exp * 1000 > now.getTime() ? claims : null;
}

export function isRegistryToken(token: string): boolean {
  return token.startsWith(`${PREFIX}.`);
}

function mac(body: string, secret: string): string {
  return createHmac('sha256', secret).update(`registry-token:${body}`).digest('base64url');
}
