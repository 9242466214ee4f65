import { DigestString } from '@envarium/oci';
import { HashedFile, SeenContainer } from '@envarium/schema';
import { z } from 'zod';

/** In the directory of the analysis, unless another place is named. */
export const CAPTURE_NAME = '.envarium-capture.tar';
export const LIST_NAME = 'envarium-capture.json';

const CapturedFile = z.object({
  path: z.string().min(1).describe('path in the deposit'),
  digest: DigestString,
  size: z.number().int(),
  source: z.string().nullable().describe('what the machine was asked; null: a file of the directory'),
  redacted: z.number().int().describe('places where a secret or the name of a person was taken out'),
  original: DigestString.nullable().describe('of the file of the directory, where something was taken out of it'),
});
export type CapturedFile = z.infer<typeof CapturedFile>;

export const RecordedRun = z.object({
  command: z.string().describe('as one would type it, without what is given for secrets'),
  arguments: z.array(z.string()),
  startedAt: z.iso.datetime(),
  seconds: z.number(),
  exitCode: z.number().int().nullable().describe('null: ended by a signal'),
  signal: z.string().nullable(),
  inputs: z.array(HashedFile.extend({ learned: z.enum(['given', 'read']) })),
  outputs: z.array(HashedFile).describe('files of the directory that are new or changed'),
  removed: z.array(z.string()),
  notes: z.array(z.string()).describe('what could not be seen'),
});
export type RecordedRun = z.infer<typeof RecordedRun>;

/** What `envarium capture` writes and `envarium deposit` reads: the first member of the archive. */
export const CaptureList = z.object({
  schemaVersion: z.literal(2),
  capturedAt: z.iso.datetime(),
  container: SeenContainer.nullable().describe('that the capture was made in, where it says so'),
  files: z.array(CapturedFile),
  missing: z.array(z.object({ source: z.string(), reason: z.string() })),
  skipped: z.array(z.object({ path: z.string(), reason: z.string() })),
  others: z.object({ count: z.number().int(), examples: z.array(z.string()) }),
  run: RecordedRun.nullable(),
});
export type CaptureList = z.infer<typeof CaptureList>;
