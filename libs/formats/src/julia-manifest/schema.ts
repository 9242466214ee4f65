import { z } from 'zod';

const Text = z.string().optional().catch(undefined);

export const ManifestHeader = z.object({
  manifest_format: Text,
  julia_version: Text,
});

/** One package of a Manifest, as far as it is read. */
export const ManifestEntry = z.object({
  uuid: Text,
  version: z.unknown().optional(),
  'git-tree-sha1': Text,
  path: Text,
  'repo-url': Text,
  'repo-rev': Text,
  'repo-subdir': Text,
});
export type ManifestEntry = z.infer<typeof ManifestEntry>;
