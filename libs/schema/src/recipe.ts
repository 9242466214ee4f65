import { z } from 'zod';

const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'is not a sha256 digest');

/** Something that a rebuild leaves open, or that the person should know. Never a guess: what is not pinned is said to be so. */
export const RecipeWarning = z
  .object({
    code: z.string().describe('stable, as in unpinned-package, mutable-base, network-at-run-time'),
    message: z.string(),
    file: z.string().nullable(),
    line: z.int().positive().nullable().describe('1-based'),
  })
  .meta({ id: 'RecipeWarning' });
export type RecipeWarning = z.infer<typeof RecipeWarning>;

/** An image that a recipe starts from. */
export const RecipeBase = z
  .object({
    reference: z.string().describe('as it stands after FROM in the archived Dockerfile'),
    digest: Digest.describe('of the image manifest that is used, for the platform of the recipe'),
    size: z.int().nonnegative().describe('bytes of the image manifest'),
    mediaType: z.string(),
    repository: z.string().describe('OCI repository name in this archive that holds it'),
  })
  .meta({ id: 'RecipeBase' });
export type RecipeBase = z.infer<typeof RecipeBase>;

export const RecipeOrigin = z.enum(['deposited', 'generated']).meta({ id: 'RecipeOrigin' });
export type RecipeOrigin = z.infer<typeof RecipeOrigin>;

export const RecipeGenerator = z
  .object({ name: z.string(), version: z.string(), compat: z.string().nullable() })
  .meta({ id: 'RecipeGenerator' });
export type RecipeGenerator = z.infer<typeof RecipeGenerator>;

/** The config blob of a recipe artifact: everything a builder is given, but the bytes that it fetches. */
export const RecipeDocument = z
  .object({
    schemaVersion: z.literal(1),
    record: z.object({ id: z.string(), repository: z.string() }),
    version: z.int().positive(),
    recordDigest: Digest,
    origin: RecipeOrigin,
    generator: RecipeGenerator.nullable().describe('null: the Dockerfile was deposited'),
    dockerfile: Digest.describe('of the Dockerfile as it is built'),
    context: Digest.describe('of the build context, a tar without compression'),
    bases: z.array(RecipeBase),
    platform: z.string().describe('os/architecture[/variant]'),
    warnings: z.array(RecipeWarning),
    createdAt: z.iso.datetime(),
    createdBy: z.string(),
  })
  .meta({ id: 'RecipeDocument' });
export type RecipeDocument = z.infer<typeof RecipeDocument>;

export const ArchivedRecipe = z
  .object({ artifactDigest: Digest.describe('of the recipe artifact'), document: RecipeDocument })
  .meta({ id: 'ArchivedRecipe' });
export type ArchivedRecipe = z.infer<typeof ArchivedRecipe>;
