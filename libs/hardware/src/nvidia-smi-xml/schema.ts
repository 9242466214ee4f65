import { z } from 'zod';
import { nvidiaText } from '../nvidia-values.js';

const Text = z.string().max(1000).optional().transform(nvidiaText);

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
