import { z } from 'zod';

export const PointerKind = z.enum(['image', 'package', 'doi']).meta({ id: 'PointerKind' });
export type PointerKind = z.infer<typeof PointerKind>;

export const PointerState = z.enum(['unchecked', 'ok', 'changed', 'dead']).meta({ id: 'PointerState' });
export type PointerState = z.infer<typeof PointerState>;

/** A place in the world outside that a version came from, and whether it still answers with the same bytes. */
export const UpstreamPointer = z
  .object({
    kind: PointerKind,
    reference: z.string().describe('registry.example.org/lab/eeg@sha256:..., an URL, or a DOI'),
    digest: z.string().nullable().describe('of the bytes that are kept here; null: there is nothing to compare'),
    size: z.int().nonnegative().nullable(),
    state: PointerState,
    detail: z.string().nullable().describe('what the last check found, where it was not simply right'),
    lastCheckedAt: z.iso.datetime().nullable(),
    stateSince: z.iso.datetime().nullable(),
  })
  .meta({ id: 'UpstreamPointer' });
export type UpstreamPointer = z.infer<typeof UpstreamPointer>;
