import { GpuVerdict, type Gpu } from '@envarium/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derived, reported } from './facts.js';
import { toFingerprint } from './fingerprint.js';
import { assessFit } from './fit.js';
import { computeCapabilityOf } from './gpu-table.js';
import type { CudaNeeds, ImageNeeds } from './image-needs.js';

const AMD64 = [{ architecture: 'amd64', os: 'linux' }];
const SOURCE = 'nvidia-smi-xml';

function withGpu(model: string | null, driver: string | null = null, cuda: string | null = null) {
  const gpu: Gpu | null =
    model === null
      ? null
      : {
          model,
          architecture: null,
          computeCapability: derived(SOURCE, computeCapabilityOf(model)),
          brand: null,
          memoryBytes: null,
          eccEnabled: null,
          migMode: null,
          source: SOURCE,
        };
  return toFingerprint({
    architecture: reported('lscpu', 'x86_64'),
    gpus: gpu === null ? [] : [gpu],
    gpuDriver: reported(SOURCE, driver),
    cudaDriverMax: reported(SOURCE, cuda),
  });
}

function cuda(toolkit: string, code: Partial<CudaNeeds> = {}): ImageNeeds {
  return { cuda: { toolkit, evidence: 'CUDA_VERSION of the image', ...code } };
}

describe('hardware/fit-gpu', () => {
  it.each<[string, ImageNeeds, ReturnType<typeof withGpu>, string, string]>([
    [
      'a toolkit that makes code for the GPU',
      cuda('12.2'),
      withGpu('NVIDIA A100-SXM4-40GB', '535.54.03', '12.2'),
      'native',
      'CUDA 12.2 (CUDA_VERSION of the image) makes machine code for NVIDIA A100-SXM4-40GB (compute capability 8.0).',
    ],
    [
      'a toolkit older than the GPU',
      cuda('10.2'),
      withGpu('NVIDIA H100 80GB HBM3', '550.90', '12.4'),
      'jit',
      'CUDA 10.2 (CUDA_VERSION of the image) is older than NVIDIA H100 80GB HBM3 (compute capability 9.0), which came with 11.8: only programs with PTX run, compiled at first use; others stop with "no kernel image is available".',
    ],
    [
      'a GPU that the toolkit dropped',
      cuda('13.0'),
      withGpu('Tesla V100-SXM2-16GB', '580.65.06', '13.0'),
      'unsupported',
      'CUDA 13.0 (CUDA_VERSION of the image) makes no code for Tesla V100-SXM2-16GB (compute capability 7.0); the last that did is 12.9.',
    ],
    [
      'a driver of an older major version',
      cuda('12.2'),
      withGpu('Tesla T4', '470.57.02', '11.4'),
      'needs-newer-driver',
      'CUDA 12.2 needs a driver from 525.60.13 on; yours is 470.57.02.',
    ],
    [
      'a driver of the same major version',
      cuda('12.6'),
      withGpu('Tesla T4', '525.60.13', '12.0'),
      'native',
      'CUDA 12.6 (CUDA_VERSION of the image) makes machine code for Tesla T4 (compute capability 7.5).',
    ],
    [
      'only the CUDA of the driver',
      cuda('10.1'),
      withGpu('Tesla T4', null, '10.0'),
      'needs-newer-driver',
      'CUDA 10.1 is inside; your driver takes CUDA up to 10.0.',
    ],
    ['no driver', cuda('12.2'), withGpu('Tesla T4'), 'unknown', 'Whether your driver takes CUDA 12.2 is not known.'],
    [
      'a GPU that is not in the table',
      cuda('12.2'),
      withGpu('Graphics Device', '550', '12.4'),
      'unknown',
      'The compute capability of Graphics Device is not in the table.',
    ],
    [
      'machine code for a lower minor number',
      cuda('12.2', { machineCode: ['7.5', '8.0'] }),
      withGpu('NVIDIA A40', '550', '12.4'),
      'native',
      'The image has machine code for NVIDIA A40 (compute capability 8.6).',
    ],
    [
      'machine code for another number, with PTX',
      cuda('12.2', { machineCode: ['8.0'], ptx: ['8.0'] }),
      withGpu('NVIDIA H100 PCIe', '550', '12.4'),
      'jit',
      'The image has no machine code for NVIDIA H100 PCIe (compute capability 9.0), but PTX, compiled at first use.',
    ],
    [
      'machine code for one GPU only',
      cuda('12.8', { machineCode: ['9.0a'], ptx: [] }),
      withGpu('NVIDIA B200', '580', '13.0'),
      'unsupported',
      'The image has neither machine code nor PTX for NVIDIA B200 (compute capability 10.0), only for 9.0a.',
    ],
    [
      'no GPU',
      cuda('12.2'),
      withGpu(null),
      'unknown',
      'The image holds CUDA 12.2 (CUDA_VERSION of the image); nothing is known of one in yours. Programs that need it stop.',
    ],
  ])('judges %s', (_name, needs, asker, verdict, reason) => {
    expect(assessFit(AMD64, null, asker, needs).gpu).toEqual({ verdict, reasons: [reason] });
  });

  it.each<[string, ReturnType<typeof withGpu>, Parameters<typeof assessFit>[2], string, string]>([
    [
      'the same GPU',
      withGpu('Tesla T4', '535.54', '12.2'),
      withGpu('Tesla T4', '535.54', '12.2'),
      'native',
      'Your GPU is a Tesla T4, as in the archived machine.',
    ],
    [
      'another product of the same capability',
      withGpu('NVIDIA A100-SXM4-40GB', '535.54', '12.2'),
      withGpu('NVIDIA A30', '550.1', '12.4'),
      'native',
      'Your GPU is a NVIDIA A30, of the compute capability of NVIDIA A100-SXM4-40GB, as in the archived machine.',
    ],
    [
      'an older driver of the same major CUDA',
      withGpu('Tesla T4', '535.54', '12.2'),
      withGpu('Tesla T4', '525.60', '12.0'),
      'native',
      'Your GPU is a Tesla T4, as in the archived machine.',
    ],
    [
      'an older driver',
      withGpu('Tesla T4', '535.54', '12.2'),
      withGpu('Tesla T4', '418.43', '10.1'),
      'needs-newer-driver',
      'Your GPU driver 418.43 is older than the archived one, 535.54: CUDA programs of the image may refuse it.',
    ],
    [
      'a GPU newer than the archived driver',
      withGpu('Tesla P100-PCIE-16GB', '384.81', '9.0'),
      withGpu('NVIDIA H100 PCIe', '550.90', '12.4'),
      'jit',
      'The archived driver took CUDA up to 9.0; NVIDIA H100 PCIe (compute capability 9.0) came with 11.8: only programs with PTX run, compiled at first use.',
    ],
    [
      'another GPU',
      withGpu('Tesla T4', '535.54', '12.2'),
      withGpu('NVIDIA A100-SXM4-40GB', '535.54', '12.2'),
      'unknown',
      'Which CUDA is inside is not known; it ran on Tesla T4, yours is NVIDIA A100-SXM4-40GB.',
    ],
    [
      'a GPU by its name alone',
      withGpu('Tesla T4', '535.54', '12.2'),
      { architecture: 'amd64', gpu: 'Tesla T4' },
      'native',
      'Your GPU is a Tesla T4, as in the archived machine.',
    ],
  ])(
    'compares with the archived machine where the toolkit is not known: %s',
    (_name, archived, asker, verdict, reason) => {
      expect(assessFit(AMD64, archived, asker).gpu).toEqual({ verdict, reasons: [reason] });
    },
  );

  it('names the driver also where no GPU is known', () => {
    const asker = { architecture: 'amd64', gpuDriver: '418.43' };

    expect(assessFit(AMD64, withGpu('Tesla T4', '535.54', '12.2'), asker).gpu.reasons).toEqual([
      'The archived machine had a GPU (Tesla T4); nothing is known of one in yours. Programs that need it stop.',
      'Your GPU driver 418.43 is older than the archived one, 535.54: CUDA programs of the image may refuse it.',
    ]);
  });

  it('asks for no GPU where neither image nor archived machine had one', () => {
    expect(assessFit(AMD64, withGpu(null), withGpu('Tesla T4')).gpu.verdict).toBe('not-needed');
  });

  it('takes the GPU that suits best', () => {
    const [old, good] = [withGpu('Tesla V100-PCIE-16GB', '580.65.06', '13.0'), withGpu('NVIDIA L4', null)];

    const report = assessFit(AMD64, null, { ...old, gpus: [...old.gpus, ...good.gpus] }, cuda('13.0')).gpu;

    expect(report.verdict).toBe('native');
    expect(report.reasons).toHaveLength(2);
  });

  it('has a reason for every verdict, whatever the versions are', () => {
    const version = fc.oneof(fc.constantFrom('9.0', '11.8', '12.2', '13.1', '99.9'), fc.string());
    const model = fc.constantFrom('Tesla T4', 'NVIDIA H100 PCIe', 'x', null);
    fc.assert(
      fc.property(model, model, version, version, version, (before, now, driver, most, toolkit) => {
        const asker = withGpu(now, driver, most);
        const { gpu } = assessFit(AMD64, withGpu(before, '1', '1.0'), asker, toolkit.length > 3 ? {} : cuda(toolkit));

        expect(GpuVerdict.options).toContain(gpu.verdict);
        expect(gpu.reasons.length).toBeGreaterThan(0);
      }),
    );
  });
});
