import { z } from 'zod';
import { storableText } from './text.js';

export const IngestState = z.enum(['queued', 'running', 'done', 'failed', 'cancelled']).meta({ id: 'IngestState' });
export type IngestState = z.infer<typeof IngestState>;

export const CreateIngest = z
  .object({
    source: storableText()
      .min(1)
      .max(600)
      .describe('image in another registry, as in docker://registry.example.org/lab/eeg:v1'),
    tag: storableText().min(1).max(128).optional().describe('tag that it gets here; default: its tag there'),
    credentials: z
      .object({
        username: z
          .string()
          .min(1)
          .max(255)
          .regex(/^[^:]*$/, 'may not hold a colon'),
        password: z.string().min(1).max(16_384),
      })
      .optional()
      .describe('of the other registry; kept encrypted until the ingest ends, then forgotten'),
  })
  .meta({ id: 'CreateIngest' });
export type CreateIngest = z.infer<typeof CreateIngest>;

const Amount = z
  .object({
    done: z.int().nonnegative(),
    total: z.int().nonnegative().describe('as far as is known: it grows while the image is being read'),
  })
  .meta({ id: 'IngestAmount' });

export const IngestProgress = z
  .object({
    manifests: Amount.describe('image manifests and indexes, of the image and of what refers to it'),
    blobs: Amount,
    bytes: Amount.describe('of the blobs'),
    missing: z.array(z.string()).describe('digests that were listed as referrers over there, and are not there'),
  })
  .meta({ id: 'IngestProgress' });
export type IngestProgress = z.infer<typeof IngestProgress>;

export const IngestProblem = z
  .object({
    code: z.string(),
    title: z.string(),
    remedy: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'IngestProblem' });
export type IngestProblem = z.infer<typeof IngestProblem>;

export const Ingest = z
  .object({
    id: z.string(),
    repository: z.string(),
    source: z.string(),
    tag: z.string().nullable().describe('tag that it gets here; null: by digest only'),
    state: IngestState,
    digest: z.string().nullable().describe('what the source named when it was first asked'),
    progress: IngestProgress.nullable(),
    problem: IngestProblem.nullable().describe('why it failed, or why its last attempt did'),
    attempts: z.int().describe('how often it was begun'),
    createdAt: z.iso.datetime(),
    createdBy: z.string(),
    startedAt: z.iso.datetime().nullable(),
    finishedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Ingest' });
export type Ingest = z.infer<typeof Ingest>;
