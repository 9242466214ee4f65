import type { Prisma } from '@envarium/database';
import { z } from 'zod';

/** Every kind of fact that the journal can hold. `envarium reindex` replays all of them, in order. */
export const EventKind = z.enum([
  'namespace-created',
  'repository-created',
  'visibility-changed',
  'manifest-pushed',
  'manifest-deleted',
  'tag-moved',
  'tag-deleted',
  'blob-deleted',
  'mirror-recorded',
  'record-created',
  'deposited',
  'published',
  'withdrawn',
  'hold-placed',
  'linked',
  'recipe-archived',
  'closure-recorded',
  'files-listed',
  'image-not-read',
  'receipt-signed',
  'signing-key-created',
  'signing-key-retired',
  'fixity-mismatch',
  'healed',
  'quarantined',
  'unquarantined',
  'removed',
  'pointer-lost',
  'pointer-changed',
  'pointer-restored',
]);
export type EventKind = z.infer<typeof EventKind>;

/** A fact as it happens. `subject` names what it is about: `lab/eeg`, `lab/eeg@v1`, `sha256:...`. */
export interface NewEvent {
  readonly kind: EventKind;
  readonly actor: string;
  readonly subject: string;
  readonly detail: Prisma.InputJsonObject;
  readonly at?: Date;
}

export interface ArchiveEvent {
  readonly id: string;
  readonly seq: bigint;
  readonly kind: string;
  readonly at: Date;
  readonly actor: string;
  readonly subject: string;
  readonly detail: Prisma.JsonValue;
}

/** A journal entry as it stands in the object store. */
export const JournalEntry = z.object({
  id: z.string().length(26),
  seq: z.number().int().nonnegative(),
  kind: EventKind,
  at: z.iso.datetime().transform((text) => new Date(text)),
  actor: z.string(),
  subject: z.string(),
  detail: z.record(z.string(), z.unknown()),
});
export type JournalEntry = z.infer<typeof JournalEntry>;
