import { z } from 'zod';
import { LinkStatus } from './article.js';
import { AssertedRole } from './documents.js';
import { RecordVersion } from './record.js';
import { Resolution, ResolveQuery } from './resolution.js';

/** Who says that this environment made the output that was asked for. */
export const ResolvedClaim = z
  .object({
    doi: z.string().describe('of the article'),
    output: z.string().describe('label in its normal form'),
    runId: z.string(),
    status: LinkStatus,
    assertedBy: z.string(),
    assertedRole: AssertedRole,
    assertedAt: z.iso.datetime(),
  })
  .meta({ id: 'ResolvedClaim' });
export type ResolvedClaim = z.infer<typeof ResolvedClaim>;

export const ResolvedEnvironment = z
  .object({
    version: RecordVersion,
    claims: z.array(ResolvedClaim).describe('empty where the question was not about an output'),
    resolution: Resolution,
  })
  .meta({ id: 'ResolvedEnvironment' });
export type ResolvedEnvironment = z.infer<typeof ResolvedEnvironment>;

export const ResolveAnswer = z
  .object({
    items: z.array(ResolvedEnvironment).describe('every environment that is meant, newest claim first'),
    isComplete: z.boolean().describe('false: there are more; ask what-ran, and resolve each version'),
  })
  .meta({ id: 'ResolveAnswer' });
export type ResolveAnswer = z.infer<typeof ResolveAnswer>;

const WAYS_TO_ASK = ['version', 'image', 'doi', 'file'] as const;

/** Exactly one way to name the environment, and the machine that shall run it. */
export const ResolveQuestion = z
  .object({
    version: z.string().max(300).optional().describe('as in lab/eeg@v1; without @vN the newest'),
    image: z
      .string()
      .regex(/^sha256:[0-9a-f]{64}$/)
      .optional()
      .describe('digest of the archived image, or of its image for one platform'),
    doi: z.string().max(2500).optional().describe('DOI of the article, or of the figure itself when output is absent'),
    output: z.string().max(200).optional().describe('label as printed: Figure 3'),
    file: z
      .string()
      .regex(/^sha256:[0-9a-f]{64}$/)
      .optional()
      .describe('digest of the figure file'),
    ...ResolveQuery.shape,
  })
  .refine((query) => WAYS_TO_ASK.filter((way) => query[way] !== undefined).length === 1, {
    error: 'give exactly one of version, image, doi and file',
  })
  .refine((query) => query.output === undefined || query.doi !== undefined, {
    error: 'output goes with doi only',
    path: ['output'],
  });
export type ResolveQuestion = z.infer<typeof ResolveQuestion>;
