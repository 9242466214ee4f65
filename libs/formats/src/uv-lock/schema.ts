import { z } from 'zod';

const Text = z.string().optional().catch(undefined);
const File = z.object({ hash: Text }).catch({});

export const UvLock = z.object({
  version: z.number(),
  'requires-python': Text,
  package: z.unknown().optional(),
});

/** https://github.com/astral-sh/uv/blob/main/crates/uv-resolver/src/lock/mod.rs is all the specification there is. */
export const UvPackage = z.object({
  name: Text,
  version: z.unknown().optional(),
  source: z
    .object({
      registry: Text,
      git: Text,
      url: Text,
      path: Text,
      directory: Text,
      editable: Text,
      virtual: Text,
      subdirectory: Text,
    })
    .optional()
    .catch(undefined),
  sdist: File.optional(),
  wheels: z.array(File).optional().catch(undefined),
  'resolution-markers': z.array(z.string()).optional().catch(undefined),
});
export type UvPackage = z.infer<typeof UvPackage>;
