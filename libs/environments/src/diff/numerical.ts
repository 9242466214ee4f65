/**
 * Libraries that compute, or that decide how: where they change, the last digits of results may. Names as they are in the
 * ecosystems; Debian writes the ABI behind them, as in libopenblas0-pthread.
 */
const NAMES: readonly RegExp[] = [
  /^(?:lib)?(?:open)?blas(?:\d.*|64)?(?:$|[-_])/,
  /^(?:lib)?(?:c?blas|lapacke?|blis|atlas|mkl|nomkl|fftw\d?|gsl|gmp|mpfr|armpl|aocl|scalapack)(?:[\d.-]|$)/,
  /^(?:intel-)?(?:mkl|openmp)(?:$|[-_])/,
  /^(?:libgomp|libiomp|llvm-openmp|_openmp_mutex|libgfortran|libquadmath)/,
  /^(?:cuda|cudatoolkit|cudnn|nccl|cublas|libcublas|cusolver|cufft)(?:$|[-_\d])/,
  /^(?:nvidia-)(?:cublas|cudnn|cufft|cusolver|cusparse|cuda-runtime|nccl)/,
  /^(?:openblas|fftw|mkl|openspecfun|blastrampoline|suitesparse|openlibm)(?:_jll)?$/,
  /^(?:libc6|glibc|musl|libm)$/,
];

export function isNumerical(name: string): boolean {
  const lower = name.toLowerCase();
  return NAMES.some((pattern) => pattern.test(lower));
}

/** Variables that change what programs compute, or in which order. */
const VARIABLES =
  /^(?:OMP_|MKL_|OPENBLAS_|BLIS_|VECLIB_|NUMEXPR_|GOTO_|KMP_|CUBLAS_|CUDA_|NVIDIA_TF32|TF_|XLA_|JAX_|PYTHONHASHSEED$|LC_|LANG$|TZ$|JULIA_NUM_THREADS$|JULIA_CPU_TARGET$|R_BLAS|LD_PRELOAD$|LD_LIBRARY_PATH$)/;

export function changesNumbers(variable: string): boolean {
  return VARIABLES.test(variable);
}
