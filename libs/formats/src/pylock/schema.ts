import { z } from 'zod';

const Text = z.string().optional().catch(undefined);
const Hashes = z.record(z.string(), z.unknown()).optional().catch(undefined);
const File = z.object({ url: Text, path: Text, hashes: Hashes }).optional().catch(undefined);

export const Pylock = z.object({
  'lock-version': z.unknown(),
  'requires-python': Text,
  packages: z.unknown(),
});

/** https://packaging.python.org/en/latest/specifications/pylock-toml/#packages */
export const PylockPackage = z.object({
  name: Text,
  version: z.unknown().optional(),
  marker: Text,
  index: Text,
  vcs: z
    .object({ type: Text, url: Text, path: Text, 'requested-revision': Text, 'commit-id': Text, subdirectory: Text })
    .optional()
    .catch(undefined),
  directory: z.object({ path: Text }).optional().catch(undefined),
  archive: z.object({ url: Text, path: Text, subdirectory: Text, hashes: Hashes }).optional().catch(undefined),
  sdist: File,
  wheels: z.array(File).optional().catch(undefined),
});
export type PylockPackage = z.infer<typeof PylockPackage>;
