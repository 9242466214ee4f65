import type { NumericLibrary } from '@envarium/schema';

/** Debian and Ubuntu install each build of OpenBLAS in a folder of its own, and all of them as libblas.so.3. */
const DEBIAN_OPENBLAS = /(?:^|\/)openblas(?:64)?-(?<build>pthread|openmp|serial)\/[^/]+$/;
const DEBIAN_LAYERS: Readonly<Record<string, string>> = { pthread: 'pthreads', openmp: 'openmp', serial: 'sequential' };
const KINDS: readonly (readonly [pattern: RegExp, kind: string])[] = [
  [/^lib(?:scipy_)?openblas/i, 'openblas'],
  [/^libmkl_/i, 'mkl'],
  [/^lib(?:aocl-)?blis/i, 'blis'],
  [/^libflexiblas/i, 'flexiblas'],
  [/^(?:libvecLib|Accelerate|libBLAS\.dylib|libLAPACK\.dylib)/, 'accelerate'],
  [/^(?:lib)?Rblas|^(?:lib)?Rlapack/, 'rblas'],
  [/^lib(?:c?blas)(?:64)?\b/i, 'blas'],
  [/^liblapack(?:64|e)?\b/i, 'lapack'],
];
/** libopenblasp-r0.3.20.so: the one library whose own release stands in the name of its file. */
const OPENBLAS_RELEASE = /^libopenblas\w*-r(\d+(?:\.\d+)*(?:\.dev)?)\.(?:so|dylib|dll)/;

/**
 * What a path says of the library behind it.
 * @param role blas or lapack: what is known of it in any case
 */
export function libraryOfPath(path: string, role: string): NumericLibrary {
  const file = baseName(path);
  const build = DEBIAN_OPENBLAS.exec(path)?.groups?.['build'];
  const known = KINDS.find(([pattern]) => pattern.test(file))?.[1];
  return {
    kind: build === undefined ? (known ?? role) : 'openblas',
    file: file === '' ? null : file,
    version: OPENBLAS_RELEASE.exec(file)?.[1] ?? null,
    coreType: null,
    threadingLayer: DEBIAN_LAYERS[build ?? ''] ?? null,
    threads: null,
  };
}

/** Folders name persons and machines. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
