import type { EnvironmentManifest, ScopeKind } from '@envarium/schema';
import { z } from 'zod';

/** Of scopes that say which system they are; manifests of package files alone say nothing of it. */
const WithSystem = z.object({
  operatingSystem: z.object({ id: z.string(), versionId: z.string().nullable(), name: z.string().nullable() }),
});

export function systemFacts(
  manifests: readonly EnvironmentManifest[],
): { what: string; scope: ScopeKind; value: string }[] {
  return manifests
    .flatMap(({ scopes }) => scopes)
    .flatMap((scope) => {
      const { data } = WithSystem.safeParse(scope);
      if (data === undefined) return [];
      const { id, versionId, name } = data.operatingSystem;
      return [
        { what: 'operating system', scope: scope.kind, value: name ?? [id, versionId].filter(Boolean).join(' ') },
      ];
    });
}
