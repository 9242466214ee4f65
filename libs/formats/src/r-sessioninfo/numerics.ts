import type { EnvironmentSpec, NumericLibrary, SpecNumerics } from '@envarium/schema';
import { libraryOfPath } from '../numeric-library.js';

/** Without a BLAS of its own choice R computes with the one that it brings along. */
const OWN: NumericLibrary = {
  kind: 'rblas',
  file: null,
  version: null,
  coreType: null,
  threadingLayer: null,
  threads: null,
};

/** The libraries that R had loaded, by the paths that it names; null where it names none. */
export function numericsOf({ runtimes }: EnvironmentSpec): SpecNumerics | null {
  const named = runtimes.filter(({ name }) => name === 'blas' || name === 'lapack');
  const libraries = new Map<string, NumericLibrary>();
  for (const { name, specifier } of named) {
    const library = specifier === 'default' ? OWN : libraryOfPath(specifier ?? '', name);
    libraries.set(JSON.stringify(library), library);
  }
  if (libraries.size === 0) return null;
  return {
    program: 'r',
    version: runtimes.find(({ name }) => name === 'r')?.version ?? null,
    libraries: [...libraries.values()],
    cpuFeatures: [],
    cpus: null,
    line: named[0]?.line ?? null,
  };
}
