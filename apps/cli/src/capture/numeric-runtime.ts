/**
 * A Python program that says which numeric libraries are loaded once numpy is. It asks the libraries themselves: OpenBLAS, BLIS
 * and MKL choose their kernel when they start. No module but numpy is needed, none of the current
 * directory is taken for one, and every failure is a missing fact.
 */
export const NUMERIC_RUNTIME = `
import sys
sys.path[:] = [each for each in sys.path if each != ""]
import ctypes, json, os, platform, re

def attempt(function, default=None):
    try:
        return function()
    except Exception:
        return default

def call(library, names, restype):
    for name in names:
        function = getattr(library, name, None)
        if function is not None:
            function.restype = restype
            value = function()
            return value.decode() if isinstance(value, bytes) else value
    return None

def spelled(name):
    return [p + name + s for p in ("", "scipy_") for s in ("", "64_", "_64")]

def mkl_version(library):
    buffer = ctypes.create_string_buffer(200)
    library.MKL_Get_Version_String(buffer, 200)
    return buffer.value.decode()

OPENBLAS_LAYERS = {0: "sequential", 1: "pthreads", 2: "openmp"}
MKL_LAYERS = {0: "intel", 1: "sequential", 2: "pgi", 3: "gnu", 4: "tbb"}

def blis_kernel(library):
    library.bli_arch_string.restype = ctypes.c_char_p
    return library.bli_arch_string(library.bli_arch_query_id()).decode()

def blis_layer(library):
    if library.bli_info_get_enable_openmp():
        return "openmp"
    return "pthreads" if library.bli_info_get_enable_pthreads() else "sequential"

KINDS = (("openblas", r"libopenblas|libscipy_openblas"), ("mkl", r"libmkl_rt"), ("blis", r"libblis"),
         ("accelerate", r"Accelerate"), ("openmp", r"libgomp|libiomp|libomp"), ("blas", r"libblas|libcblas"), ("lapack", r"liblapack"))

def describe(path):
    name = os.path.basename(path)
    kind = next((k for k, pattern in KINDS if re.match(pattern, name)), None)
    if kind is None:
        return None
    real = os.path.basename(os.path.realpath(path))
    found = {"kind": kind, "file": name, "realFile": real}
    library = attempt(lambda: ctypes.CDLL(path))
    if library is None:
        return found
    if kind == "openblas":
        found["config"] = attempt(lambda: call(library, spelled("openblas_get_config"), ctypes.c_char_p))
        found["kernel"] = attempt(lambda: call(library, spelled("openblas_get_corename"), ctypes.c_char_p))
        found["threads"] = attempt(lambda: call(library, spelled("openblas_get_num_threads"), ctypes.c_int))
        found["threadingLayer"] = attempt(lambda: OPENBLAS_LAYERS[call(library, spelled("openblas_get_parallel"), ctypes.c_int)])
    elif kind == "mkl":
        found["config"] = attempt(lambda: mkl_version(library))
        found["threads"] = attempt(lambda: call(library, ["MKL_Get_Max_Threads"], ctypes.c_int))
        found["threadingLayer"] = attempt(lambda: MKL_LAYERS[library.MKL_Set_Threading_Layer(-1)])
    elif kind == "blis":
        found["config"] = attempt(lambda: call(library, ["bli_info_get_version_str"], ctypes.c_char_p))
        found["threads"] = attempt(lambda: call(library, ["bli_thread_get_num_threads"], ctypes.c_int))
        found["kernel"] = attempt(lambda: blis_kernel(library))
        found["threadingLayer"] = attempt(lambda: blis_layer(library))
    elif kind == "openmp":
        found["threads"] = attempt(lambda: call(library, ["omp_get_max_threads"], ctypes.c_int))
    return found

def mapped():
    paths = set()
    with open("/proc/self/maps") as maps:
        for line in maps:
            start = line.find("/")
            if start != -1 and ".so" in line[start:]:
                paths.add(line[start:].strip())
    return sorted(paths)

def features(numpy):
    core = getattr(numpy, "_core", None) or numpy.core
    return sorted(name for name, has in core._multiarray_umath.__cpu_features__.items() if has)

report = {"schema": "envarium-numeric-runtime/1",
          "python": {"version": platform.python_version(), "implementation": platform.python_implementation()},
          "numpy": None, "libraries": [],
          "affinity": attempt(lambda: len(os.sched_getaffinity(0)))}
try:
    import numpy
except Exception as error:
    sys.exit("numpy cannot be imported: " + type(error).__name__)
attempt(lambda: numpy.dot(numpy.ones((2, 2)), numpy.ones((2, 2))))
report["numpy"] = {"version": numpy.__version__, "cpuFeatures": attempt(lambda: features(numpy), [])}
report["libraries"] = [each for each in map(describe, attempt(mapped, [])) if each is not None]
print(json.dumps(report, indent=1, sort_keys=True))
`;
