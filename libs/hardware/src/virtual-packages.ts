import type { Machine } from './machine.js';
import { compareVersions, leadingVersion } from './version-order.js';

/**
 * The machine in conda's words, as `conda info` lists them (https://docs.conda.io/projects/conda, "Managing virtual
 * packages"). What is not known is left out: an absent name says nothing.
 */
export function virtualPackagesOf(machine: Machine): string[] {
  const { operatingSystem, kernel, libc, microarchitecture, cudaDriverMax, gpus } = machine;
  const isUnix = operatingSystem === 'Linux' || operatingSystem === 'Darwin';
  const linux = operatingSystem === 'Linux' && kernel !== null ? leadingVersion(kernel) : null;
  const glibc = /^glibc (?<version>\d+\.\d+)/.exec(libc ?? '')?.groups?.['version'];
  const capabilities = gpus
    .flatMap(({ computeCapability }) => computeCapability?.value ?? [])
    .toSorted(compareVersions);
  return [
    ...(isUnix ? ['__unix=0=0'] : []),
    ...(operatingSystem === 'Windows' ? ['__win=0=0'] : []),
    ...(linux === null ? [] : [`__linux=${linux}=0`]),
    ...(glibc === undefined ? [] : [`__glibc=${glibc}=0`]),
    ...(microarchitecture === null ? [] : [`__archspec=1=${microarchitecture}`]),
    ...(cudaDriverMax === null ? [] : [`__cuda=${cudaDriverMax}=0`]),
    // Of several GPUs the least able: a package must run on any of them.
    ...(capabilities[0] === undefined ? [] : [`__cuda_arch=${capabilities[0]}=0`]),
  ];
}
