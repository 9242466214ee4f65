import { z } from 'zod';
import { FitReport } from './fit.js';
import { PullCommands } from './record.js';

/** From best to worst; the last three say why there is nothing to compare. */
export const Grade = z
  .enum([
    'identical',
    'same-content',
    'same-files',
    'same-files-but-noise',
    'same-packages',
    'partial',
    'differs',
    'unproven',
    'unobtainable',
  ])
  .meta({ id: 'Grade' });
export type Grade = z.infer<typeof Grade>;

/** Grades for people. */
export const GRADE_MEANING = {
  identical: 'the same image, byte for byte',
  'same-content': 'every layer and the configuration equal',
  'same-files': 'the same files',
  'same-files-but-noise': 'the same files, but for logs and caches',
  'same-packages': 'the same packages and versions',
  partial: 'a part of it',
  differs: 'something else',
  unproven: 'not tried yet',
  unobtainable: 'no way is left',
} as const satisfies Record<Grade, string>;

export const RouteKind = z
  .enum(['pull', 'mirror', 'rebuild', 'assisted-rebuild', 're-resolve'])
  .meta({ id: 'RouteKind' });
export type RouteKind = z.infer<typeof RouteKind>;

export const FixityEvidence = z
  .object({
    checkedAt: z.iso
      .datetime()
      .nullable()
      .describe('oldest last check over all bytes of the route; null: not yet read back'),
    blobCount: z.number().int(),
    size: z.number().describe('bytes'),
    damaged: z.array(z.string()).describe('digests that did not pass their last check, or are missing'),
  })
  .meta({ id: 'FixityEvidence' });
export type FixityEvidence = z.infer<typeof FixityEvidence>;

/** One way to the environment: how exact it is, since when that is known, and why. */
export const Route = z
  .object({
    kind: RouteKind,
    grade: Grade,
    explanation: z.string(),
    provenAt: z.iso.datetime().nullable(),
    fixity: FixityEvidence.nullable(),
    pull: PullCommands.nullable(),
  })
  .meta({ id: 'Route' });
export type Route = z.infer<typeof Route>;

/** The answer to "give me this environment": every route, best first, and what was tried where there is none. */
export const Resolution = z
  .object({
    recordId: z.string(),
    version: z.number().int(),
    imageDigest: z.string().nullable(),
    routes: z.array(Route),
    attempts: z.array(
      z.object({ source: z.string(), outcome: z.string(), reason: z.string() }).meta({ id: 'Attempt' }),
    ),
    fit: FitReport.nullable().describe('null when the asker did not say what machine it has'),
  })
  .meta({ id: 'Resolution' });
export type Resolution = z.infer<typeof Resolution>;

export const ResolveQuery = z.object({
  architecture: z.string().max(64).optional().describe('of the machine that will run it: amd64, x86_64, arm64, ...'),
  isaLevel: z.string().max(64).optional().describe('x86-64-v1 .. x86-64-v4'),
});
export type ResolveQuery = z.infer<typeof ResolveQuery>;
