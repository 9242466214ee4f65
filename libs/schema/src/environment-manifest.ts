import { z } from 'zod';
import {
  ScopeKind,
  SeenContainer,
  SkipReason,
  SpecBaseImage,
  SpecNumerics,
  SpecPackage,
  SpecRuntime,
  SpecSystem,
} from './environment-spec.js';

/** Where a fact stands. */
export const Evidence = z
  .object({
    file: z.string().describe('path in the deposit; one that starts with / is inside the archived image'),
    line: z.number().int().positive().nullable().describe('1-based'),
  })
  .meta({ id: 'Evidence' });
export type Evidence = z.infer<typeof Evidence>;

export const ManifestPackage = SpecPackage.omit({ line: true })
  .extend({ evidence: z.array(Evidence) })
  .meta({ id: 'ManifestPackage' });
export type ManifestPackage = z.infer<typeof ManifestPackage>;

export const ManifestNumerics = SpecNumerics.omit({ line: true })
  .extend({ evidence: z.array(Evidence) })
  .meta({ id: 'ManifestNumerics' });
export type ManifestNumerics = z.infer<typeof ManifestNumerics>;

export const OperatingSystem = SpecSystem.omit({ line: true })
  .extend({
    kernel: z.string().optional().describe('its release, as uname says it; only where that was seen'),
    evidence: z.array(Evidence),
  })
  .meta({ id: 'OperatingSystem' });
export type OperatingSystem = z.infer<typeof OperatingSystem>;

export const ScopeContainer = SeenContainer.extend({ evidence: z.array(Evidence) }).meta({ id: 'ScopeContainer' });
export type ScopeContainer = z.infer<typeof ScopeContainer>;

export const ManifestVariable = z
  .object({ name: z.string(), value: z.string(), evidence: z.array(Evidence) })
  .meta({ id: 'ManifestVariable' });
export type ManifestVariable = z.infer<typeof ManifestVariable>;

export const EnvironmentScope = z
  .object({
    kind: ScopeKind,
    path: z.string().optional().describe('where it is installed, as in /opt/conda; only where that is known'),
    within: z.int().nonnegative().optional().describe('position in `scopes` of the scope that holds this one'),
    operatingSystem: OperatingSystem.optional(),
    container: ScopeContainer.optional().describe('what ran it; only where that was seen'),
    packages: z.array(ManifestPackage),
    runtimes: z.array(SpecRuntime.omit({ line: true }).extend({ evidence: z.array(Evidence) })),
    variables: z.array(ManifestVariable),
    numerics: z
      .array(ManifestNumerics)
      .optional()
      .describe('BLAS, LAPACK and OpenMP as programs had them loaded; only where that was seen'),
  })
  .meta({ id: 'EnvironmentScope' });
export type EnvironmentScope = z.infer<typeof EnvironmentScope>;

/**
 * Our canonical description of an environment. Its RFC 8785 bytes are archived; sorted throughout, so that the same
 * package files, and images with the same packages, give the same digest on any machine. What a version of this schema
 * gains is optional and left out where nothing is known: what was archived keeps its meaning and its digest.
 */
export const EnvironmentManifest = z
  .object({
    schemaVersion: z.literal(1),
    scopes: z.array(EnvironmentScope).describe('from the machine inwards; a scope stands behind the one it is within'),
    baseImages: z.array(SpecBaseImage.omit({ line: true }).extend({ evidence: z.array(Evidence) })),
    notUnderstood: z
      .array(z.object({ evidence: Evidence, reason: SkipReason, message: z.string() }))
      .describe('what the files say and we could not read: "not found" is never "absent"'),
    lookedFor: z
      .array(z.string())
      .optional()
      .describe('of an image: purl types whose databases were looked for; absence of any other says nothing'),
  })
  .meta({ id: 'EnvironmentManifest' });
export type EnvironmentManifest = z.infer<typeof EnvironmentManifest>;

/**
 * The schema as it is published: JSON Schema 2020-12. Members that it does not name are allowed, since a later release may
 * add optional ones.
 */
export function environmentManifestSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...rest } = z.toJSONSchema(EnvironmentManifest, { target: 'draft-2020-12', io: 'input' });
  return {
    $schema,
    $id: 'urn:envarium:environment-manifest:v1',
    title: 'Environment manifest',
    description:
      'What an environment consists of. Archived as canonical JSON (RFC 8785): equal manifests have equal bytes and digests.',
    ...rest,
  };
}
