import { z } from 'zod';

const Text = z.string().optional().catch(undefined);
/** Only arrays are read; their elements are checked one by one, so that a broken one does not lose the others. */
const Items = z.array(z.unknown()).optional().catch(undefined);

/** Fields of https://cyclonedx.org/docs/1.6/json/ that are read; they are the same from 1.2 on. */
export const Bom = z.object({
  bomFormat: z.literal('CycloneDX'),
  specVersion: Text,
  metadata: z
    .object({ component: z.object({ type: Text }).optional().catch(undefined) })
    .optional()
    .catch(undefined),
  components: Items,
});
export type Bom = z.infer<typeof Bom>;

export const Component = z.object({
  type: Text,
  name: Text,
  version: Text,
  versionRange: Text,
  scope: Text,
  purl: Text,
  hashes: Items,
  components: Items,
});
export type Component = z.infer<typeof Component>;

export const Hash = z.object({ alg: z.string(), content: z.string() });
