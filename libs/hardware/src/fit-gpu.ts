import type { FitReport, Gpu, GpuVerdict } from '@envarium/schema';
import { isTakenBy, minimumDriverOf, runsMachineCode, supportOf } from './cuda-table.js';
import type { CudaNeeds, ImageNeeds } from './image-needs.js';
import type { Machine } from './machine.js';
import { compareVersions } from './version-order.js';

interface Finding {
  readonly verdict: GpuVerdict;
  readonly reason: string;
}

/** A program takes the GPU that suits it best. */
const BEST_FIRST: readonly GpuVerdict[] = ['native', 'jit', 'needs-newer-driver', 'unknown', 'unsupported'];

/** Whether CUDA programs of the image run on the GPUs of a machine. A container starts without them all the same. */
export function assessGpu({ cuda }: ImageNeeds, archived: Machine | null, machine: Machine): FitReport['gpu'] {
  const before = archived?.gpus ?? [];
  if (cuda === undefined && before.length === 0) {
    return { verdict: 'not-needed', reasons: ['Neither the image nor the archived machine shows a GPU of use.'] };
  }
  if (machine.gpus.length === 0) {
    const need =
      cuda === undefined
        ? `The archived machine had a GPU (${before.map(({ model }) => model).join(', ')})`
        : `The image holds CUDA ${cuda.toolkit} (${cuda.evidence})`;
    const reason = `${need}; nothing is known of one in yours. Programs that need it stop.`;
    return { verdict: 'unknown', reasons: [reason, ...driverOnly(cuda, archived, machine)] };
  }
  const findings = distinctGpus(machine.gpus)
    .map((gpu) =>
      cuda === undefined ? compareWithArchived(gpu, archived, machine) : assessToolkit(gpu, cuda, machine),
    )
    .toSorted((a, b) => BEST_FIRST.indexOf(a.verdict) - BEST_FIRST.indexOf(b.verdict));
  return { verdict: findings[0]?.verdict ?? 'unknown', reasons: findings.map(({ reason }) => reason) };
}

/** The driver can be too old whatever GPU there is. */
function driverOnly(cuda: CudaNeeds | undefined, archived: Machine | null, machine: Machine): string[] {
  const finding = cuda === undefined ? olderDriver(archived, machine) : driverFor(cuda, machine);
  return finding === null || finding.verdict !== 'needs-newer-driver' ? [] : [finding.reason];
}

function assessToolkit(gpu: Gpu, cuda: CudaNeeds, machine: Machine): Finding {
  const capability = gpu.computeCapability?.value ?? null;
  if (capability === null) {
    return { verdict: 'unknown', reason: `The compute capability of ${gpu.model} is not in the table.` };
  }
  const kernels = assessKernels(gpu.model, capability, cuda);
  if (kernels.verdict === 'unsupported') return kernels;
  const driver = driverFor(cuda, machine);
  if (driver !== null) return driver;
  return kernels;
}

/** What is known of the code inside; else what the toolkit makes code for. */
function assessKernels(model: string, capability: string, cuda: CudaNeeds): Finding {
  const gpu = `${model} (compute capability ${capability})`;
  const { toolkit, machineCode, ptx, evidence } = cuda;
  if (machineCode !== undefined) {
    if (machineCode.some((code) => runsMachineCode(code, capability))) {
      return { verdict: 'native', reason: `The image has machine code for ${gpu}.` };
    }
    if (ptx?.some((code) => compareVersions(capability, code) >= 0) === true) {
      return { verdict: 'jit', reason: `The image has no machine code for ${gpu}, but PTX, compiled at first use.` };
    }
    return {
      verdict: 'unsupported',
      reason: `The image has neither machine code nor PTX for ${gpu}, only for ${machineCode.join(', ')}.`,
    };
  }
  const support = supportOf(capability);
  if (support === null) return { verdict: 'unknown', reason: `Which CUDA makes code for ${gpu} is not in the table.` };
  if (support.last !== null && compareVersions(toolkit, support.last) > 0) {
    const reason = `CUDA ${toolkit} (${evidence}) makes no code for ${gpu}; the last that did is ${support.last}.`;
    return { verdict: 'unsupported', reason };
  }
  if (compareVersions(toolkit, support.first) < 0) {
    const reason = `CUDA ${toolkit} (${evidence}) is older than ${gpu}, which came with ${support.first}: only programs with PTX run, compiled at first use; others stop with "no kernel image is available".`;
    return { verdict: 'jit', reason };
  }
  return { verdict: 'native', reason: `CUDA ${toolkit} (${evidence}) makes machine code for ${gpu}.` };
}

/** @returns null when the driver is new enough */
function driverFor({ toolkit }: CudaNeeds, { gpuDriver, cudaDriverMax }: Machine): Finding | null {
  const minimum = minimumDriverOf(toolkit);
  if (gpuDriver !== null && minimum !== null) {
    if (compareVersions(gpuDriver, minimum) >= 0) return null;
    return {
      verdict: 'needs-newer-driver',
      reason: `CUDA ${toolkit} needs a driver from ${minimum} on; yours is ${gpuDriver}.`,
    };
  }
  if (cudaDriverMax !== null) {
    if (isTakenBy(cudaDriverMax, toolkit)) return null;
    return {
      verdict: 'needs-newer-driver',
      reason: `CUDA ${toolkit} is inside; your driver takes CUDA up to ${cudaDriverMax}.`,
    };
  }
  return { verdict: 'unknown', reason: `Whether your driver takes CUDA ${toolkit} is not known.` };
}

/** Which toolkit is inside is not known. What ran on the same kind of GPU and driver runs; a driver bounds its toolkit. */
function compareWithArchived(gpu: Gpu, archived: Machine | null, machine: Machine): Finding {
  const capability = gpu.computeCapability?.value ?? null;
  const before = distinctGpus(archived?.gpus ?? []);
  const same = before.find(
    (each) => each.model === gpu.model || (capability !== null && each.computeCapability?.value === capability),
  );
  const driver = olderDriver(archived, machine);
  if (same !== undefined) {
    if (driver !== null) return driver;
    const kind = same.model === gpu.model ? gpu.model : `${gpu.model}, of the compute capability of ${same.model}`;
    return { verdict: 'native', reason: `Your GPU is a ${kind}, as in the archived machine.` };
  }
  const support = capability === null ? null : supportOf(capability);
  const bound = archived?.cudaDriverMax ?? null;
  if (support !== null && bound !== null && compareVersions(bound, support.first) < 0) {
    return {
      verdict: 'jit',
      reason: `The archived driver took CUDA up to ${bound}; ${gpu.model} (compute capability ${capability}) came with ${support.first}: only programs with PTX run, compiled at first use.`,
    };
  }
  const names = before.map(({ model }) => model).join(', ');
  return {
    verdict: 'unknown',
    reason: `Which CUDA is inside is not known; it ran on ${names}, yours is ${gpu.model}.`,
  };
}

function olderDriver(archived: Machine | null, { gpuDriver: now, cudaDriverMax: takes }: Machine): Finding | null {
  const { gpuDriver: then = null, cudaDriverMax: took = null } = archived ?? {};
  if (now !== null && then !== null && compareVersions(now, then) < 0) {
    // A driver of the same major CUDA runs what the archived one ran, as far as that is known.
    if (takes !== null && took !== null && isTakenBy(takes, took)) return null;
    const reason = `Your GPU driver ${now} is older than the archived one, ${then}: CUDA programs of the image may refuse it.`;
    return { verdict: 'needs-newer-driver', reason };
  }
  return null;
}

function distinctGpus(gpus: readonly Gpu[]): Gpu[] {
  return [...new Map(gpus.map((gpu) => [gpu.model, gpu])).values()];
}
