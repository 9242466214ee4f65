import { z } from 'zod';

const Text = z.string().optional().catch(undefined);
const File = z.object({ hash: Text }).catch({});
const Files = z.array(File).optional().catch(undefined);
const Markers = z.array(z.string()).optional().catch(undefined);

export const UvLock = z.object({
  version: z.number(),
  'requires-python': Text,
  package: z.unknown().optional(),
  /** The name of `package` before uv 0.2.35. */
  distribution: z.unknown().optional(),
});

/** https://github.com/astral-sh/uv/blob/main/crates/uv-resolver/src/lock/mod.rs is all the specification there is. */
export const UvPackage = z.object({
  name: Text,
  version: z.unknown().optional(),
  /** A text, `kind+address`, before uv 0.2.18. */
  source: z
    .union([
      z.object({
        registry: Text,
        git: Text,
        url: Text,
        path: Text,
        directory: Text,
        editable: Text,
        virtual: Text,
        subdirectory: Text,
      }),
      z.string(),
    ])
    .optional()
    .catch(undefined),
  sdist: File.optional(),
  wheels: Files,
  /** The name of `wheels` before uv 0.2.6. */
  wheel: Files,
  /** Of locks that forked no resolution yet. */
  marker: Text,
  'resolution-markers': Markers,
  /** The name of `resolution-markers` before uv 0.4. */
  'environment-markers': Markers,
});
export type UvPackage = z.infer<typeof UvPackage>;
