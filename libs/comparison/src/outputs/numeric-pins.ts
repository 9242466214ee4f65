/** Variables that decide numbers: kernels, threads, order of sums, seeds, and how numbers and times are written. */
const PINNED = [
  'OPENBLAS_CORETYPE',
  'OPENBLAS_NUM_THREADS',
  'OMP_NUM_THREADS',
  'MKL_NUM_THREADS',
  'MKL_CBWR',
  'GLIBC_TUNABLES',
  'NPY_DISABLE_CPU_FEATURES',
  'CUBLAS_WORKSPACE_CONFIG',
  'PYTHONHASHSEED',
  'TZ',
  'LC_ALL',
  'LANG',
  'SOURCE_DATE_EPOCH',
] as const;

/**
 * What a run is given of them: what was recorded, else what makes it repeat. A default never overrides a recorded value
 * that used to reach the program by another name: OpenBLAS and MKL take OMP_NUM_THREADS where they have none of their own.
 */
export function numericPins(environment: Readonly<Record<string, string>>): Record<string, string> {
  const threads = environment['OMP_NUM_THREADS'] ?? '1';
  const defaults: Readonly<Record<string, string>> = {
    OPENBLAS_NUM_THREADS: threads,
    OMP_NUM_THREADS: threads,
    MKL_NUM_THREADS: threads,
    PYTHONHASHSEED: '0',
    TZ: 'UTC',
    ...(environment['LANG'] === undefined && { LC_ALL: 'C.UTF-8' }),
  };
  return Object.fromEntries(
    PINNED.flatMap((name) => {
      const value = environment[name] ?? defaults[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
