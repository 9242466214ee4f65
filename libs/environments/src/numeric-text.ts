import type { NumericLibrary } from '@envarium/schema';

const LIBRARIES: ReadonlyMap<string, string> = new Map([
  ['openblas', 'OpenBLAS'],
  ['mkl', 'MKL'],
  ['blis', 'BLIS'],
  ['flexiblas', 'FlexiBLAS'],
  ['accelerate', 'Accelerate'],
  ['rblas', 'the BLAS of R'],
]);

/** "OpenBLAS 0.3.27"; by its file where it does not say its version. */
export function libraryText({ kind, version, file }: NumericLibrary): string {
  const name = LIBRARIES.get(kind);
  if (version !== null) return `${name ?? kind} ${version}`;
  if (file === null) return name ?? kind;
  return name === undefined ? file : `${name} (${file})`;
}

export function roleOf({ kind }: NumericLibrary): 'BLAS' | 'LAPACK' | 'OpenMP' {
  if (kind === 'openmp') return 'OpenMP';
  return kind === 'lapack' ? 'LAPACK' : 'BLAS';
}

/** As people write it. */
export function programText(program: string): string {
  return program === 'r' ? 'R' : program;
}
