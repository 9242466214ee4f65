import type { EnvironmentManifest, ManifestNumerics } from '@envarium/schema';
import { libraryText, programText, roleOf } from '../numeric-text.js';
import { type Fact, scopesOf } from './diff-facts.js';

/** What programs were seen to compute with, in the order in which it changes results. */
export function numericFacts(manifests: readonly EnvironmentManifest[]): Fact[] {
  return scopesOf(manifests).flatMap(({ kind, numerics = [] }) =>
    numerics.flatMap((each) =>
      statementsOf(each).flatMap(([what, value]) =>
        value === null ? [] : [{ what, scope: kind, value, evidence: each.evidence }],
      ),
    ),
  );
}

export function hasNumerics(manifests: readonly EnvironmentManifest[]): boolean {
  return scopesOf(manifests).some(({ numerics = [] }) => numerics.length > 0);
}

type Statement = readonly [what: string, value: string | null];

function statementsOf({ program, version, libraries, cpuFeatures, cpus }: ManifestNumerics): Statement[] {
  const name = programText(program);
  const ofLibraries = libraries.flatMap((library): Statement[] => {
    const role = roleOf(library);
    return [
      [`${role} of ${name}`, libraryText(library)],
      [`${role} core type of ${name}`, library.coreType],
      [`${role} threading of ${name}`, library.threadingLayer],
      [`${role} threads of ${name}`, library.threads?.toString() ?? null],
    ];
  });
  return [
    ...ofLibraries,
    // The version of R is a runtime of its scope.
    [name, program === 'r' ? null : version],
    [`CPU features of ${name}`, cpuFeatures.length === 0 ? null : cpuFeatures.join(' ')],
    [`CPUs for ${name}`, cpus?.toString() ?? null],
  ];
}
