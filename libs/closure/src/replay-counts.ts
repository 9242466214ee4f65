import { z } from 'zod';

/** What a replay was asked for, and what it had for that. From a builder on another machine it comes as JSON. */
const Miss = z.object({
  method: z.string(),
  url: z.string(),
  count: z.int().positive(),
  /** Not null: it was asked for what never goes into a closure. */
  refusal: z.string().nullable(),
});
export type Miss = Readonly<z.infer<typeof Miss>>;

/** A recorded body that is not what it was. */
const Damage = z.object({ url: z.string(), digest: z.string(), reason: z.enum(['missing', 'wrong', 'unreadable']) });
export type Damage = Readonly<z.infer<typeof Damage>>;

export const ReplayCounts = z.object({
  /** Requests that were answered as recorded. */
  hits: z.int().nonnegative(),
  /** Requests that nothing was recorded for, each address once. */
  misses: z.array(Miss).readonly(),
  damaged: z.array(Damage).readonly(),
  /** Bodies that were fetched from upstream, because they were missing here. */
  fetched: z.array(z.object({ url: z.string(), digest: z.string() })).readonly(),
});
export type ReplayCounts = Readonly<z.infer<typeof ReplayCounts>>;
