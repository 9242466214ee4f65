import { z } from 'zod';

const Text = z
  .union([z.string().max(1000), z.number(), z.boolean()])
  .optional()
  .catch(undefined)
  .transform((value) => (value === undefined ? null : String(value).trim() || null));
const Amount = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER).optional().catch(undefined);

/** The fields we read. Serial numbers, logical names, addresses and UUIDs are never touched. */
export const LshwNode = z.object({
  id: z.string().max(300),
  class: z.string().max(100),
  disabled: z.boolean().optional().catch(undefined),
  description: Text,
  product: Text,
  vendor: Text,
  version: Text,
  size: Amount,
  units: Text,
  width: Amount,
  configuration: z.record(z.string(), Text).optional().catch(undefined),
  capabilities: z.record(z.string(), z.unknown()).optional().catch(undefined),
  get children() {
    return z.array(LshwNode).optional();
  },
});
export type LshwNode = z.infer<typeof LshwNode>;

/** One object with -json until B.02.18, an array from then on; `-class` gives a flat array. */
export const LshwReport = z.union([LshwNode.transform((node) => [node]), z.array(LshwNode).min(1)]);
