/** What an image asks of a machine beyond its platform, as far as somebody has read it out of the image. */
export interface ImageNeeds {
  /** From `NT_GNU_ABI_TAG` of its libc: `3.2.0`. */
  readonly kernelMinimum?: Need;
  /** As in `glibc 2.36`. */
  readonly libc?: Need;
  /** Name of archspec that its programs were compiled for. */
  readonly microarchitecture?: Need;
  readonly cuda?: CudaNeeds;
}

export interface Need {
  readonly value: string;
  /** Where that is written: `/usr/lib64/libc.so.6`. */
  readonly evidence: string;
}

export interface CudaNeeds {
  /** Version of the toolkit whose runtime is inside: `11.8`. */
  readonly toolkit: string;
  /** Where that is written: `CUDA_VERSION of the image`. */
  readonly evidence: string;
  /** Compute capabilities with machine code in it: `8.0`, `9.0a`. Absent: not looked for. */
  readonly machineCode?: readonly string[];
  /** Compute capabilities of the PTX in it. */
  readonly ptx?: readonly string[];
}

/** `CUDA_VERSION` and `NVIDIA_REQUIRE_CUDA` are set by NVIDIA's base images (https://gitlab.com/nvidia/container-images/cuda). */
export function needsOfVariables(variables: readonly string[]): ImageNeeds {
  const values = new Map(
    variables.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
  );
  const version = /^\d{1,3}\.\d{1,3}/.exec(values.get('CUDA_VERSION') ?? '')?.[0];
  if (version !== undefined) return { cuda: { toolkit: version, evidence: 'CUDA_VERSION of the image' } };
  const required = /(?:^|\s)cuda>=(?<version>\d{1,3}\.\d{1,3})/.exec(values.get('NVIDIA_REQUIRE_CUDA') ?? '');
  const toolkit = required?.groups?.['version'];
  return toolkit === undefined ? {} : { cuda: { toolkit, evidence: 'NVIDIA_REQUIRE_CUDA of the image' } };
}
