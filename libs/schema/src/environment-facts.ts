import { z } from 'zod';
import { ManifestNumerics, ManifestVariable, OperatingSystem, ScopeContainer } from './environment-manifest.js';
import { ScopeKind } from './environment-spec.js';

/** What one scope of an environment is and computes with. */
export const ScopeFacts = z
  .object({
    source: z.enum(['package-file', 'image']).describe('what says so: the deposited files, or the archived image'),
    platform: z.string().nullable().describe('of an image, as in linux/arm64'),
    scope: ScopeKind,
    path: z.string().nullable().describe('where it is installed, as in /opt/conda'),
    operatingSystem: OperatingSystem.nullable(),
    container: ScopeContainer.nullable().describe('what ran the scope, where that was seen'),
    numerics: z.array(ManifestNumerics).describe('BLAS, LAPACK and OpenMP as programs had them loaded'),
    variables: z.array(ManifestVariable).describe('those that can change numbers'),
  })
  .meta({ id: 'ScopeFacts' });
export type ScopeFacts = z.infer<typeof ScopeFacts>;

/** What an environment was, beside its packages, and what it computed with. */
export const EnvironmentFacts = z
  .object({
    statements: z.array(z.string()).describe('the same in sentences; none: nothing of it is known'),
    scopes: z.array(ScopeFacts).describe('from the machine inwards, first by the files, then by the image'),
  })
  .meta({ id: 'EnvironmentFacts' });
export type EnvironmentFacts = z.infer<typeof EnvironmentFacts>;
