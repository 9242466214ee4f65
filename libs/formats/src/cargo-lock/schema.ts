import { z } from 'zod';

const Text = z.string().optional().catch(undefined);

export const LockedCrate = z.object({
  name: Text,
  version: Text,
  source: Text,
  checksum: Text,
});
export type LockedCrate = z.infer<typeof LockedCrate>;
