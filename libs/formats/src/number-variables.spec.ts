import { describe, expect, it } from 'vitest';
import { isNumberVariable } from './number-variables.js';

describe('formats/number-variables', () => {
  it.each([
    'OMP_NUM_THREADS',
    'OPENBLAS_CORETYPE',
    'MKL_CBWR',
    'CUBLAS_WORKSPACE_CONFIG',
    'CUDA_VISIBLE_DEVICES',
    'NVIDIA_TF32_OVERRIDE',
    'TF_DETERMINISTIC_OPS',
    'NPY_DISABLE_CPU_FEATURES',
    'JULIA_NUM_THREADS',
    'PYTHONHASHSEED',
    'LC_ALL',
    'LANG',
    'TZ',
  ])('knows %s', (name) => {
    expect(isNumberVariable(name)).toBe(true);
  });

  it.each(['HOME', 'PATH', 'USER', 'OMP', 'omp_num_threads', 'XLC_ALL', 'TZDIR', 'JULIA_DEPOT_PATH', '__proto__'])(
    'leaves %s out',
    (name) => {
      expect(isNumberVariable(name)).toBe(false);
    },
  );
});
