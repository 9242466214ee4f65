import type { CreatedToken as Created, ListedToken as Listed } from '@envarium/access';
import type { CreatedToken, ListedToken } from '@envarium/schema';
import type { z } from 'zod';

export function presentCreatedToken(token: Created): z.infer<typeof CreatedToken> {
  return { id: token.id, name: token.name, secret: token.secret, expiresAt: token.expiresAt?.toISOString() ?? null };
}

export function presentListedToken(token: Listed): z.infer<typeof ListedToken> {
  return {
    id: token.id,
    name: token.name,
    createdAt: token.createdAt.toISOString(),
    expiresAt: token.expiresAt?.toISOString() ?? null,
    revokedAt: token.revokedAt?.toISOString() ?? null,
  };
}
