import { z } from 'zod';
import { ImageDemands } from './image-demands.js';
import { Grade } from './resolution.js';

const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'is not a sha256 digest');

/** The config blob of a file-list artifact; the list itself (`files.jsonl.gz`) is its layer. */
export const FileListDocument = z
  .object({
    schemaVersion: z.literal(1),
    imageDigest: Digest,
    configDigest: Digest,
    diffIds: z.array(z.string()),
    runConfigDigest: Digest.describe('over what of the config matters for running: Env, Entrypoint, Cmd, User, ...'),
    treeDigest: Digest.describe('over the merged file tree, with modification times'),
    treeWithoutTimesDigest: Digest,
    treeWithoutNoiseDigest: Digest,
    noisePolicy: z.string().describe('by which rules the list was made: noise policy and readers of packages'),
    packagesDigest: Digest.nullable().describe('over the packages found in the image; null: none were found'),
    entryCount: z.int().nonnegative(),
    size: z.int().nonnegative().describe('bytes of all files'),
    list: z.object({ digest: Digest, size: z.int().nonnegative() }).describe('of files.jsonl.gz'),
    environment: z
      .object({ digest: Digest, size: z.int().nonnegative() })
      .optional()
      .describe(
        'the environment manifest of what the image itself says; lists made before v2 of the readers have none',
      ),
    demands: ImageDemands.optional().describe('lists made before v3 of the readers have none'),
  })
  .meta({ id: 'FileListDocument' });
export type FileListDocument = z.infer<typeof FileListDocument>;

export const DifferenceClass = z
  .object({
    name: z.string().describe('as in content, mode, owner, link, added, removed, modification-time, xattr, noise:logs'),
    count: z.int().nonnegative(),
    paths: z.array(z.string()).describe('the first few'),
    isMaterial: z.boolean().describe('false: noise policy, or modification times only'),
  })
  .meta({ id: 'DifferenceClass' });
export type DifferenceClass = z.infer<typeof DifferenceClass>;

export const PackageDifference = z
  .object({
    ecosystem: z.string(),
    name: z.string(),
    before: z.string().nullable().describe('version; null: not there'),
    after: z.string().nullable(),
    text: z.string().describe('in words'),
  })
  .meta({ id: 'PackageDifference' });
export type PackageDifference = z.infer<typeof PackageDifference>;

/** What two images have in common: the ladder of grades, computed from both. */
export const ImageComparison = z
  .object({
    grade: Grade,
    level: z.int().min(0).max(7).describe('of the ladder: 0 is identical'),
    before: Digest.describe('image manifest that was archived'),
    after: Digest.describe('image manifest that was compared with it'),
    noisePolicy: z.string(),
    summary: z.string().describe('in one sentence'),
    differences: z.array(DifferenceClass),
    configDifferences: z.array(z.string()),
    packages: z.array(PackageDifference),
  })
  .meta({ id: 'ImageComparison' });
export type ImageComparison = z.infer<typeof ImageComparison>;

export const OutputTolerance = z
  .object({
    relative: z.number().nonnegative().default(0),
    absolute: z.number().nonnegative().default(0),
    pixels: z.number().min(0).max(1).default(0).describe('share of pixels that may differ'),
  })
  .meta({ id: 'OutputTolerance' });
export type OutputTolerance = z.infer<typeof OutputTolerance>;

export const OutputComparison = z
  .object({
    name: z.string(),
    verdict: z.enum(['identical', 'within-tolerance', 'different', 'missing', 'unexpected']),
    how: z.enum(['digest', 'numbers', 'pixels', 'text', 'none']).describe('what was compared'),
    expected: Digest.nullable(),
    actual: Digest.nullable(),
    detail: z.string().describe('in words: the largest difference and where it is'),
  })
  .meta({ id: 'OutputComparison' });
export type OutputComparison = z.infer<typeof OutputComparison>;
