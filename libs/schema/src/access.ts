import { z } from 'zod';
import { storableText } from './text.js';

/** One path component of an OCI repository name. */
const Name = z
  .string()
  .min(2)
  .max(64)
  .regex(/^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/, 'use lower-case letters, digits, and single . _ - between them');

export const NamespaceRole = z.enum(['owner', 'depositor', 'reader']).meta({ id: 'NamespaceRole' });
export type NamespaceRole = z.infer<typeof NamespaceRole>;

export const CreateNamespace = z.object({ name: Name }).meta({ id: 'CreateNamespace' });
export const SetMember = z.object({ role: NamespaceRole }).meta({ id: 'SetMember' });
export const CreateAccount = z.object({ name: Name }).meta({ id: 'CreateAccount' });

export const CreateToken = z
  .object({
    name: storableText().trim().min(1).max(100).describe('what it is for'),
    account: Name.optional().describe('administrators only: for whom; default oneself'),
    expiresInDays: z.number().int().min(1).max(3650).optional().describe('default: never'),
  })
  .meta({ id: 'CreateToken' });

export const CreatedToken = z
  .object({
    id: z.string(),
    name: z.string(),
    secret: z.string().describe('shown this once; only its hash is kept'),
    expiresAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'CreatedToken' });

export const ListedToken = z
  .object({
    id: z.string(),
    name: z.string(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable(),
    revokedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ListedToken' });

export const WhoAmI = z
  .object({
    account: z.string().nullable().describe('null: anonymous'),
    isAdmin: z.boolean(),
    memberships: z.array(z.object({ namespace: z.string(), role: NamespaceRole }).meta({ id: 'Membership' })),
  })
  .meta({ id: 'WhoAmI' });
