import { z } from 'zod';
import { JsonObject } from '../json-evidence.js';

/** npm writes booleans into some of these when it has nothing to say. */
const Text = z.string().optional().catch(undefined);
const Flag = z.boolean().optional().catch(undefined);
const Names = z.array(z.string()).optional().catch(undefined);

export const PackageLock = z.object({
  lockfileVersion: z.union([z.number(), z.string()]).optional().catch(undefined),
  packages: JsonObject.optional().catch(undefined),
  dependencies: JsonObject.optional().catch(undefined),
});
export type PackageLock = z.infer<typeof PackageLock>;

/** An entry of `packages` (lockfileVersion 2 and 3) or of `dependencies` (1). */
export const LockEntry = z.object({
  name: Text,
  version: z.unknown().optional(),
  resolved: Text,
  integrity: Text,
  link: Flag,
  dev: Flag,
  optional: Flag,
  devOptional: Flag,
  peer: Flag,
  os: Names,
  cpu: Names,
  libc: Names,
  engines: z.object({ node: Text }).optional().catch(undefined),
  dependencies: JsonObject.optional().catch(undefined),
});
export type LockEntry = z.infer<typeof LockEntry>;
