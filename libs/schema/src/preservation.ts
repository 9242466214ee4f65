import { z } from 'zod';
import { PageQuery } from './paging.js';

/** How the stored bytes are doing, counted without reading the whole table. */
export const FixityStatus = z
  .object({
    blobs: z.number().int().describe('stored blobs; an estimate when there are very many'),
    unverified: z.number().int().describe('blobs that have not been read back yet'),
    oldestUnverifiedAt: z.iso.datetime().nullable().describe('arrival of the one that has waited longest'),
    oldestCheckAt: z.iso.datetime().nullable().describe('the check that is longest ago'),
    suspect: z.number().int().describe('blobs whose bytes are not what their digest says'),
    missing: z.number().int().describe('blobs whose bytes are gone'),
    quarantined: z.number().int().describe('blobs that nothing names, on their way out'),
  })
  .meta({ id: 'FixityStatus' });
export type FixityStatus = z.infer<typeof FixityStatus>;

/** The terms of https://id.loc.gov/vocabulary/preservation/eventType that our events fall under. */
export const PreservationEventType = z
  .enum([
    'ingestion',
    'fixity check',
    'recovery',
    'quarantine',
    'unquarantine',
    'deletion',
    'deaccession',
    'replication',
  ])
  .meta({ id: 'PreservationEventType' });
export type PreservationEventType = z.infer<typeof PreservationEventType>;

/** An event of a digital object, in the terms of PREMIS 3: type, date, object, agent, outcome. */
export const PreservationEvent = z
  .object({
    id: z.string(),
    type: PreservationEventType,
    at: z.iso.datetime(),
    object: z.string().describe('a digest, or repository@digest, or repository:tag'),
    agent: z.string().describe('who or what did it'),
    outcome: z.enum(['success', 'failure']),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'PreservationEvent' });
export type PreservationEvent = z.infer<typeof PreservationEvent>;

export const PreservationEventQuery = PageQuery.extend({
  object: z.string().max(400).optional().describe('only events of this object'),
  type: PreservationEventType.optional(),
});
export type PreservationEventQuery = z.infer<typeof PreservationEventQuery>;
