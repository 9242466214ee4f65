/**
 * Environment variables that change what is computed, or the order in which it is summed: numbers of threads, kernels and
 * modes of BLAS, FFT, GPU and MPI libraries, hash and random seeds, locale and time zone. By the prefixes that the libraries
 * document, so that a new variable of a known library is not missed.
 */
const PREFIXES =
  /^(?:OMP|GOMP|KMP|MKL|OPENBLAS|GOTO|BLIS|VECLIB|FLEXIBLAS|ARMPL|ESSL|ATLAS|FFTW|LIBXSMM|DNNL|ONEDNN|NUMEXPR|NUMBA|NPY|NUMPY|CUDA|CUBLAS|CUBLASLT|CUDNN|CUFFT|CUSOLVER|NCCL|NVIDIA_TF32|HSA|HIP|ROCM|ROCR|ROCBLAS|HIPBLASLT|MIOPEN|TF|XLA|JAX|TORCH|PYTORCH|TORCHINDUCTOR|TRITON|OMPI_MCA|I_MPI|MPICH|MV2|UCX|JULIA_(?:NUM|CPU|EXCLUSIVE|CUDA)|R_(?:ENABLE_JIT|COMPILE|DATATABLE|RNG)|RCPP_PARALLEL|TBB|RAYON|KOKKOS|LC)_[A-Z0-9_]+$/;
const NAMES: ReadonlySet<string> = new Set([
  'GLIBC_TUNABLES',
  'GOMAXPROCS',
  'LANG',
  'LANGUAGE',
  'MALLOC_PERTURB_',
  'NVIDIA_TF32_OVERRIDE',
  'PYTHONHASHSEED',
  'PYTHONUTF8',
  'SLURM_CPUS_PER_TASK',
  'SLURM_NNODES',
  'SLURM_NTASKS',
  'SOURCE_DATE_EPOCH',
  'TZ',
  'XLA_FLAGS',
]);

/** Whether a variable of this name can change the numbers that a program computes. */
export function isNumberVariable(name: string): boolean {
  return NAMES.has(name) || PREFIXES.test(name);
}
