import { z } from 'zod';

/**
 * The driver's many ways to say that it does not know: `N/A`, `[N/A]`, `[Not Supported]`, `Unknown Error`, `ERR!`,
 * `Requested functionality has been deprecated`.
 */
const NO_VALUE =
  /^(?:|\[?(?:N\/A|Not (?:Supported|Found|Active)|Unknown Error|Insufficient Permissions|ERR!)\]?|Requested functionality has been deprecated)$/i;

const Text = z
  .string()
  .max(1000)
  .optional()
  .transform((text) => (text === undefined || NO_VALUE.test(text.trim()) ? null : text.trim()));

/** An empty element is an empty string to the XML reader, so a group may be missing or be text. */
const group = <Shape extends z.ZodRawShape>(shape: Shape) => z.object(shape).optional().catch(undefined);

const GpuElement = z.object({
  product_name: Text,
  product_brand: Text,
  product_architecture: Text,
  fb_memory_usage: group({ total: Text }),
  ecc_mode: group({ current_ecc: Text }),
  mig_mode: group({ current_mig: Text }),
});
export type GpuElement = z.infer<typeof GpuElement>;

/** The elements we read; they are the same in the DTD versions v8 to v13. Serials, UUIDs and processes are never touched. */
export const NvidiaSmiLog = z.object({
  nvidia_smi_log: z.object({
    driver_version: Text,
    cuda_version: Text,
    attached_gpus: Text,
    gpu: z.array(GpuElement).default([]),
  }),
});
