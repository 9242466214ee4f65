import { describe, expect, it } from 'vitest';
import { libraryOfPath } from './numeric-library.js';

describe('formats/numeric-library', () => {
  it.each([
    ['/usr/lib/x86_64-linux-gnu/openblas-pthread/libblas.so.3', 'openblas', null, 'pthreads'],
    ['/usr/lib/x86_64-linux-gnu/openblas-openmp/libopenblasp-r0.3.21.so', 'openblas', '0.3.21', 'openmp'],
    ['/usr/lib/x86_64-linux-gnu/openblas-serial/liblapack.so.3', 'openblas', null, 'sequential'],
    ['/home/jane/lib/libopenblas_haswellp-r0.3.20.dev.so', 'openblas', '0.3.20.dev', null],
    ['/opt/conda/lib/libopenblas.so.0', 'openblas', null, null],
    ['/opt/intel/mkl/lib/intel64/libmkl_rt.so.2', 'mkl', null, null],
    ['/usr/lib/x86_64-linux-gnu/blis-openmp/libblis.so.4', 'blis', null, null],
    ['/usr/lib/x86_64-linux-gnu/blas/libblas.so.3.10.0', 'blas', null, null],
    ['/usr/lib64/liblapack.so.3', 'lapack', null, null],
    ['/usr/lib/R/lib/libRblas.so', 'rblas', null, null],
    ['/System/Library/Frameworks/Accelerate.framework/Versions/A/libBLAS.dylib', 'accelerate', null, null],
  ])('takes of %s only what it says', (path, kind, version, threadingLayer) => {
    expect(libraryOfPath(path, 'blas')).toEqual({
      kind,
      file: path.split('/').at(-1),
      version,
      coreType: null,
      threadingLayer,
      threads: null,
    });
  });

  it.each(['/usr/lib/libblastrampoline.so', '/opt/lab/libfast.so'])('takes %s for what it is used as', (path) => {
    expect(libraryOfPath(path, 'lapack')).toMatchObject({ kind: 'lapack', file: path.split('/').at(-1) });
  });
});
