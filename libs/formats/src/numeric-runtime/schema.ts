import { z } from 'zod';

/** What stands there in another type than it should is not said. */
const Text = z.string().min(1).max(500).nullish().catch(null);
const Count = z.int().positive().max(1_000_000).nullish().catch(null);

export const LoadedLibrary = z.object({
  kind: z.string().min(1).max(100),
  file: Text,
  realFile: Text,
  config: Text,
  kernel: Text,
  threadingLayer: Text,
  threads: Count,
});
export type LoadedLibrary = z.infer<typeof LoadedLibrary>;

export const NumericRuntime = z.object({
  python: z.object({ version: Text, implementation: Text }).nullish().catch(null),
  numpy: z.object({ version: Text, cpuFeatures: z.array(z.string().max(100)).max(1000).nullish().catch(null) }),
  libraries: z.array(z.unknown()).max(200),
  affinity: Count,
});
export type NumericRuntime = z.infer<typeof NumericRuntime>;
