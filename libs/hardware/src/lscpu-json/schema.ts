import { z } from 'zod';

/** A value of lscpu: text in all versions so far; numbers and booleans are taken as well. */
const Text = z
  .union([z.string().max(16_384), z.number(), z.boolean(), z.null()])
  .optional()
  .transform((value) => (value === null || value === undefined ? '' : String(value)));

/** `lscpu --json`: nested on a terminal, flat in a pipe. */
export const LscpuNode = z.object({
  field: z.string(),
  data: Text,
  get children() {
    return z.array(LscpuNode).optional();
  },
});
export type LscpuNode = z.infer<typeof LscpuNode>;
export const LscpuSummary = z.object({ lscpu: z.array(LscpuNode) });

/** `lscpu --extended --json`: one row per CPU; which columns are there is the caller's choice. */
export const LscpuRow = z.object({ cpu: Text, node: Text, socket: Text, core: Text, online: Text });
export type LscpuRow = z.infer<typeof LscpuRow>;
export const LscpuTable = z.object({ cpus: z.array(LscpuRow).min(1) });
