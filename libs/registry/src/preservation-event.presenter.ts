import type { EventKind } from '@envarium/journal';
import type { Prisma } from '@envarium/database';
import type { PreservationEvent, PreservationEventType } from '@envarium/schema';
import { z } from 'zod';

export const eventSelect = {
  id: true,
  seq: true,
  kind: true,
  at: true,
  actor: true,
  subject: true,
  detail: true,
} as const satisfies Prisma.EventSelect;
type EventRow = Prisma.EventGetPayload<{ select: typeof eventSelect }>;

/** Kinds of our events that are about stored objects, and what PREMIS calls them. */
export const PRESERVATION_TYPES = {
  'manifest-pushed': 'ingestion',
  'fixity-mismatch': 'fixity check',
  healed: 'recovery',
  quarantined: 'quarantine',
  unquarantined: 'unquarantine',
  removed: 'deletion',
  'manifest-deleted': 'deaccession',
  'tag-deleted': 'deaccession',
  'blob-deleted': 'deaccession',
} as const satisfies Partial<Record<EventKind, PreservationEventType>>;

const Kind = z.enum(Object.keys(PRESERVATION_TYPES) as [keyof typeof PRESERVATION_TYPES]);
const Detail = z.record(z.string(), z.unknown());

export function presentPreservationEvent(row: EventRow): PreservationEvent {
  const kind = Kind.parse(row.kind);
  return {
    id: row.id,
    type: PRESERVATION_TYPES[kind],
    at: row.at.toISOString(),
    object: row.subject,
    agent: row.actor,
    outcome: kind === 'fixity-mismatch' ? 'failure' : 'success',
    detail: Detail.parse(row.detail),
  };
}
