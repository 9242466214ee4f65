import { z } from 'zod';

const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'is not a sha256 digest');

/** One line of `exchanges.jsonl`: what was asked, and what was answered. The body is the blob of that digest. */
export const Exchange = z.object({
  method: z.enum(['GET', 'HEAD', 'POST']),
  url: z.string().describe('absolute, without a fragment'),
  request: z
    .record(z.string(), z.string())
    .describe('only the headers that the answer depends on, names in lower case: accept, user-agent'),
  requestDigest: Digest.nullable().describe('of the body of a POST'),
  status: z.int().min(100).max(599),
  headers: z.record(z.string(), z.string()).describe('kept headers, names in lower case; no cookies, no credentials'),
  digest: Digest.nullable().describe('of the body; null: the answer has none'),
  size: z.int().nonnegative().describe('bytes of the body'),
});
export type Exchange = z.infer<typeof Exchange>;

/** One line of `packages.jsonl`: the same bytes as packages. */
export const ClosurePackage = z
  .object({
    purl: z.string(),
    url: z.string(),
    digest: Digest,
    size: z.int().nonnegative(),
    integrity: z
      .enum(['locked', 'index', 'none'])
      .describe('whether a lock file, or the index that named it, said its hash, and it was right'),
  })
  .meta({ id: 'ClosurePackage' });
export type ClosurePackage = z.infer<typeof ClosurePackage>;

/** What built an image, so that it can be had again: an image of the programs, kept here like any other. */
export const BuilderDescription = z
  .object({
    executor: z.string().describe('as in buildah, podman'),
    name: z.string(),
    version: z.string(),
    runtime: z.string().nullable().describe('OCI runtime and its version'),
    image: z
      .object({ digest: Digest, size: z.int().nonnegative(), mediaType: z.string() })
      .nullable()
      .describe('image that holds the programs themselves; null: the executor cannot give them'),
    flags: z.array(z.string()),
  })
  .meta({ id: 'BuilderDescription' });
export type BuilderDescription = z.infer<typeof BuilderDescription>;

/** The config blob of a closure artifact: every byte a rebuild needs is a layer of that artifact, or is named here. */
export const ClosureDocument = z
  .object({
    schemaVersion: z.literal(1),
    record: z.object({ id: z.string(), repository: z.string() }),
    version: z.int().positive(),
    recordDigest: Digest,
    recipeDigest: Digest.describe('digest of the recipe artifact'),
    exchanges: z.object({ digest: Digest, size: z.int().nonnegative(), count: z.int().nonnegative() }),
    packages: z.object({ digest: Digest, size: z.int().nonnegative(), count: z.int().nonnegative() }),
    contentSize: z.int().nonnegative().describe('bytes of all bodies, each counted once'),
    image: z
      .object({ digest: Digest, size: z.int().nonnegative(), mediaType: z.string() })
      .describe('what the build gave while it was recorded'),
    builder: BuilderDescription,
    epoch: z.int().nonnegative().describe('SOURCE_DATE_EPOCH and clock of the build, seconds'),
    recordedAt: z.iso.datetime(),
    recordedBy: z.string(),
  })
  .meta({ id: 'ClosureDocument' });
export type ClosureDocument = z.infer<typeof ClosureDocument>;

export const ArchivedClosure = z
  .object({ artifactDigest: Digest.describe('of the closure artifact'), document: ClosureDocument })
  .meta({ id: 'ArchivedClosure' });
export type ArchivedClosure = z.infer<typeof ArchivedClosure>;
