import { z } from 'zod';
import { SkipReason } from './environment-spec.js';

/** How far a source was read. Only `read` lets anybody say that something is not in it. */
export const CoverageState = z.enum(['read', 'partly-read', 'not-understood', 'pending']).meta({ id: 'CoverageState' });
export type CoverageState = z.infer<typeof CoverageState>;

export const CoverageSource = z
  .object({
    kind: z.enum(['package-file', 'image']),
    name: z.string().describe('path of the package file, or digest of the image'),
    platform: z.string().nullable().describe('of an image, as in linux/arm64'),
    state: CoverageState,
    environmentDigest: z.string().nullable().describe('of the environment manifest that was made of it'),
    packageCount: z.int().nonnegative(),
    lookedFor: z.array(z.string()).describe('of an image: purl types whose databases were looked for'),
    asks: z
      .array(z.string())
      .describe(
        'of an image: what its files ask of a machine, each with the file that says so; what is not here is not known',
      ),
    message: z.string().nullable().describe('why it was not, or only partly, read'),
  })
  .meta({ id: 'CoverageSource' });
export type CoverageSource = z.infer<typeof CoverageSource>;

export const UnreadPlace = z
  .object({
    source: z.string().describe('name of the source'),
    place: z.string().describe('file, with / in front when it is inside the image'),
    line: z.int().positive().nullable(),
    reason: SkipReason,
    message: z.string(),
  })
  .meta({ id: 'UnreadPlace' });
export type UnreadPlace = z.infer<typeof UnreadPlace>;

/** What the list of packages of a version rests on: "not found" is never "absent". */
export const EnvironmentCoverage = z
  .object({
    isComplete: z
      .boolean()
      .describe('the image was read, and every place that names packages was understood; false: absence says nothing'),
    statement: z.string().describe('in words, to stand beside every list of packages'),
    sources: z.array(CoverageSource),
    notUnderstood: z.array(UnreadPlace).describe('the first of them'),
    notUnderstoodCount: z.int().nonnegative(),
  })
  .meta({ id: 'EnvironmentCoverage' });
export type EnvironmentCoverage = z.infer<typeof EnvironmentCoverage>;
