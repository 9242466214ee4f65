import { z } from 'zod';
import { JsonObject } from '../json-evidence.js';

const Text = z.string().optional().catch(undefined);
const File = z.object({ file: Text, hash: Text });

/** Hashes stood in `metadata.hashes` before Poetry 1.0, in `metadata.files` before lock-version 2, beside the package since. */
export const PoetryLock = z.object({
  package: z.unknown(),
  metadata: z
    .object({
      'lock-version': z.unknown().optional(),
      'python-versions': Text,
      'content-hash': Text,
      files: JsonObject.optional().catch(undefined),
      hashes: JsonObject.optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});
export type PoetryLock = z.infer<typeof PoetryLock>;

export const PoetryFiles = z.array(z.union([File, z.string()])).catch([]);

export const PoetryPackage = z.object({
  name: Text,
  version: z.unknown().optional(),
  category: Text,
  groups: z.array(z.string()).optional().catch(undefined),
  optional: z.boolean().optional().catch(undefined),
  'python-versions': Text,
  /** a text, or one for each group */
  markers: z
    .union([z.string(), z.record(z.string(), z.string())])
    .optional()
    .catch(undefined),
  /** before Poetry 1.0 */
  marker: Text,
  files: PoetryFiles.optional(),
  source: z
    .object({ type: Text, url: Text, reference: Text, resolved_reference: Text, subdirectory: Text })
    .optional()
    .catch(undefined),
});
export type PoetryPackage = z.infer<typeof PoetryPackage>;
