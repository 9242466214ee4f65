import { z } from 'zod';
import { PackageFile } from './record.js';
import { storableText } from './text.js';

/** Archived documents: canonical JSON in the object store, from which every archival row can be rebuilt. */

const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const StoredDocument = z.object({ digest: Digest, size: z.number().int() });

/** The config blob of a record artifact. For a draft the two publication fields are null. */
export const RecordDocument = z.object({
  schemaVersion: z.literal(1),
  record: z.object({ id: z.string(), repository: z.string() }),
  version: z.number().int().positive(),
  title: z.string(),
  description: z.string().nullable(),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
  publishedAt: z.iso.datetime().nullable(),
  publishedBy: z.string().nullable(),
  image: StoredDocument.extend({ mediaType: z.string() }).nullable(),
  packageFiles: z.array(PackageFile),
  environment: StoredDocument.nullable().describe('the environment manifest'),
  hardware: StoredDocument.nullable().describe('the hardware fingerprint'),
});
export type RecordDocument = z.infer<typeof RecordDocument>;

export const HashedFile = z
  .object({
    name: storableText().min(1).max(1024).describe('file name as the run used it'),
    digest: Digest,
    size: z.number().int().nonnegative(),
  })
  .meta({ id: 'HashedFile' });
export type HashedFile = z.infer<typeof HashedFile>;

export const AssertedRole = z.enum(['author', 'journal', 'curator']).meta({ id: 'AssertedRole' });
export type AssertedRole = z.infer<typeof AssertedRole>;

export const OutputScope = z.enum(['main', 'extended', 'supplementary']).meta({ id: 'OutputScope' });
export type OutputScope = z.infer<typeof OutputScope>;

/** The config blob of a link artifact: who says that which output came out of which run in which version. */
export const LinkDocument = z.object({
  schemaVersion: z.literal(1),
  runId: z.string(),
  record: z.object({ id: z.string(), repository: z.string() }),
  version: z.number().int().positive(),
  recordDigest: Digest,
  article: z.object({ doi: z.string(), asGiven: z.string(), title: z.string().nullable() }),
  output: z.object({
    scope: OutputScope,
    kind: z.string(),
    number: z.string(),
    panel: z.string().nullable(),
    asPrinted: z.string(),
    componentDoi: z.string().nullable(),
  }),
  run: z.object({
    command: z.string().nullable(),
    inputs: z.array(HashedFile),
    files: z.array(HashedFile),
  }),
  assertedBy: z.string(),
  assertedRole: AssertedRole,
  assertedAt: z.iso.datetime(),
});
export type LinkDocument = z.infer<typeof LinkDocument>;
