import { z } from 'zod';
import { AssertedRole, HashedFile, OutputScope } from './documents.js';
import { PullCommands, RecordVersion } from './record.js';
import { storableText } from './text.js';

export const Article = z
  .object({
    doi: z.string().describe('lower-case, without prefix'),
    url: z.url().describe('https://doi.org/...'),
    title: z.string().nullable(),
  })
  .meta({ id: 'Article' });
export type Article = z.infer<typeof Article>;

export const Output = z
  .object({
    label: z.string().describe('normal form, as in Figure 3b'),
    asPrinted: z.string().describe('as the article prints it'),
    scope: OutputScope,
    kind: z.string().describe('figure, table, equation, number, section, video, data, other'),
    number: z.string(),
    panel: z.string().nullable(),
    componentDoi: z.string().nullable(),
  })
  .meta({ id: 'Output' });
export type Output = z.infer<typeof Output>;

export const Run = z
  .object({
    id: z.string(),
    command: z.string().nullable(),
    inputs: z.array(HashedFile),
    files: z.array(HashedFile).describe('what the run made: the figure itself, by digest'),
    artifactDigest: z.string().describe('digest of the link artifact in the registry: the archived claim'),
  })
  .meta({ id: 'Run' });
export type Run = z.infer<typeof Run>;

export const LinkStatus = z.enum(['proposed', 'confirmed', 'disputed', 'withdrawn']).meta({ id: 'LinkStatus' });
export type LinkStatus = z.infer<typeof LinkStatus>;

/** One answer to "what ran this output": a claim, who makes it, and everything needed to act on it. */
export const OutputLink = z
  .object({
    article: Article,
    output: Output,
    run: Run,
    status: LinkStatus,
    assertedBy: z.string(),
    assertedRole: AssertedRole,
    assertedAt: z.iso.datetime(),
    version: RecordVersion,
    pull: PullCommands.nullable().describe('null when the version has no image'),
  })
  .meta({ id: 'OutputLink' });
export type OutputLink = z.infer<typeof OutputLink>;

export const CreateLink = z
  .object({
    article: z.string().min(1).max(2500).describe('DOI of the article, in any usual spelling'),
    articleTitle: storableText().trim().min(1).max(1000).optional(),
    output: storableText().min(1).max(200).describe('label as printed: "Figure 3b", "Table S2"'),
    componentDoi: z.string().max(2500).optional().describe('DOI of the figure itself, where the publisher gives one'),
    command: storableText().trim().min(1).max(20_000).optional(),
    inputs: z.array(HashedFile).max(1000).default([]),
    files: z.array(HashedFile).max(1000).default([]).describe('what the run made'),
    role: AssertedRole.default('author'),
  })
  .meta({ id: 'CreateLink' });
export type CreateLink = z.infer<typeof CreateLink>;

/** Exactly one way to ask: by article and label, by component DOI, or by the digest of the file itself. */
export const WhatRanQuery = z
  .object({
    doi: z.string().max(2500).optional().describe('DOI of the article, or of the figure itself when output is absent'),
    output: z.string().max(200).optional().describe('label as printed'),
    file: z
      .string()
      .regex(/^sha256:[0-9a-f]{64}$/)
      .optional()
      .describe('digest of the figure file: sha256:<64 hex>'),
  })
  .refine((query) => (query.doi === undefined) !== (query.file === undefined), {
    error: 'give either doi (with output, or a figure DOI) or file',
  })
  .refine((query) => query.file === undefined || query.output === undefined, {
    error: 'output goes with doi only: a file is found by its digest alone',
    path: ['output'],
  });
export type WhatRanQuery = z.infer<typeof WhatRanQuery>;
