import { z } from 'zod';
import { ScopeKind, SkipReason, SpecBaseImage, SpecPackage, SpecRuntime } from './environment-spec.js';

/** Where a fact stands: file of the deposit and 1-based line. */
export const Evidence = z
  .object({ file: z.string(), line: z.number().int().positive().nullable() })
  .meta({ id: 'Evidence' });
export type Evidence = z.infer<typeof Evidence>;

export const ManifestPackage = SpecPackage.omit({ line: true })
  .extend({ evidence: z.array(Evidence) })
  .meta({ id: 'ManifestPackage' });
export type ManifestPackage = z.infer<typeof ManifestPackage>;

export const EnvironmentScope = z
  .object({
    kind: ScopeKind,
    packages: z.array(ManifestPackage),
    runtimes: z.array(SpecRuntime.omit({ line: true }).extend({ evidence: z.array(Evidence) })),
    variables: z.array(z.object({ name: z.string(), value: z.string(), evidence: z.array(Evidence) })),
  })
  .meta({ id: 'EnvironmentScope' });
export type EnvironmentScope = z.infer<typeof EnvironmentScope>;

/**
 * Our canonical description of an environment. Its RFC 8785 bytes are archived; sorted throughout, so that the same
 * package files give the same digest on any machine.
 */
export const EnvironmentManifest = z
  .object({
    schemaVersion: z.literal(1),
    scopes: z.array(EnvironmentScope),
    baseImages: z.array(SpecBaseImage.omit({ line: true }).extend({ evidence: z.array(Evidence) })),
    notUnderstood: z
      .array(z.object({ evidence: Evidence, reason: SkipReason, message: z.string() }))
      .describe('what the files say and we could not read: "not found" is never "absent"'),
  })
  .meta({ id: 'EnvironmentManifest' });
export type EnvironmentManifest = z.infer<typeof EnvironmentManifest>;
