import { FitReport, type Gpu, type HardwareFingerprint } from '@envarium/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { featuresOfMicroarchitecture } from './archspec.js';
import { derived, reported } from './facts.js';
import { toFingerprint } from './fingerprint.js';
import { assessFit } from './fit.js';
import type { ImageNeeds } from './image-needs.js';

const AMD64 = [{ architecture: 'amd64', os: 'linux' }];
const V3 =
  'fpu cx8 cmov mmx fxsr sse sse2 syscall cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3 avx avx2 bmi1 bmi2 f16c fma abm movbe xsave'.split(
    ' ',
  );
const V4 = [...V3, ...'avx512f avx512bw avx512cd avx512dq avx512vl'.split(' ')];
const KERNEL = { value: '3.2.0', evidence: '/lib64/libc.so.6' };
const A100: Gpu = {
  model: 'NVIDIA A100',
  architecture: 'Ampere',
  computeCapability: derived('nvidia-smi-xml', '8.0'),
  brand: null,
  memoryBytes: null,
  eccEnabled: true,
  migMode: null,
  source: 'nvidia-smi-xml',
};

interface Described {
  architecture?: string;
  features?: string[] | null;
  model?: string;
  cpus?: number;
  gpus?: Gpu[];
  driver?: string;
}

function machine({
  architecture = 'x86_64',
  features = V3,
  model = '49',
  cpus = 8,
  gpus = [],
  driver,
}: Described = {}) {
  return toFingerprint({
    architecture: reported('lscpu', architecture),
    cpu: {
      vendor: reported('lscpu', 'AuthenticAMD'),
      family: reported('lscpu', '23'),
      model: reported('lscpu', model),
      features: reported('lscpu', features),
      onlineCpus: reported('lscpu', cpus),
    },
    gpus,
    gpuDriver: reported('nvidia-smi-xml', driver ?? null),
  });
}

/** An AMD of one model, with all that archspec asks of a zen3. */
function named(model: string) {
  return machine({ model, features: [...V3, ...featuresOfMicroarchitecture('zen3')!] });
}

function bits(archived: HardwareFingerprint | null, asker: Parameters<typeof assessFit>[2]) {
  return assessFit(AMD64, archived, asker).bitsMatch;
}

describe('hardware/fit', () => {
  describe('willItStart', () => {
    it.each([
      [[{ architecture: 'amd64', os: 'linux' }], 'x86_64', 'yes'],
      [[{ architecture: 'amd64', os: 'linux' }], 'amd64', 'yes'],
      [[{ architecture: 'arm64', os: 'linux', variant: 'v8' }], 'aarch64', 'yes'],
      [[{ architecture: '386', os: 'linux' }], 'x86_64', 'yes'],
      [[{ architecture: 'arm', os: 'linux', variant: 'v6' }], 'armv7l', 'yes'],
      [[{ architecture: 'arm', os: 'linux', variant: 'v7' }], 'armv6l', 'no'],
      [[{ architecture: 'arm', os: 'linux', variant: 'v7' }], 'arm64', 'unknown'],
      [[{ architecture: 'amd64', os: 'linux' }], 'arm64', 'emulated-only'],
      [[{ architecture: 'wasm', os: 'linux' }], 'amd64', 'no'],
      [[{ architecture: 'amd64', os: 'windows' }], 'amd64', 'unknown'],
      [[{ architecture: 'amd64', os: 'linux' }], 'sparc64', 'unknown'],
      [[], 'amd64', 'unknown'],
      [[{ architecture: 'unknown', os: 'unknown' }], 'amd64', 'unknown'],
      [
        [
          { architecture: 'unknown', os: 'unknown' },
          { architecture: 's390x', os: 'linux' },
          { architecture: 'arm64', os: 'linux' },
        ],
        'aarch64',
        'yes',
      ],
    ] as const)('of %j on %s is %s', (image, architecture, verdict) => {
      expect(assessFit(image, null, { architecture }).willItStart.verdict).toBe(verdict);
    });

    it.each([
      ['v3', 'x86-64-v3', 'yes'],
      ['v3', 'x86-64-v4', 'yes'],
      ['v3', 'x86-64-v2', 'no'],
      ['v3', undefined, 'unknown'],
      ['v1', undefined, 'yes'],
      ['v9', 'x86-64-v4', 'unknown'],
    ])('of amd64/%s on %s is %s', (variant, isaLevel, verdict) => {
      const image = [{ architecture: 'amd64', os: 'linux', variant }];
      const asker = { architecture: 'amd64', ...(isaLevel !== undefined && { isaLevel }) };

      expect(assessFit(image, null, asker).willItStart.verdict).toBe(verdict);
    });

    it('says what is missing', () => {
      expect(assessFit(AMD64, null, { architecture: 'arm64' }).willItStart.reasons).toEqual([
        'The image is for linux/amd64; your machine is arm64.',
      ]);
    });

    it.each<[string, ImageNeeds, Parameters<typeof assessFit>[2], string, string]>([
      [
        'a kernel older than the libc takes',
        { kernelMinimum: KERNEL },
        { architecture: 'amd64', kernel: '2.6.32-754.el6.x86_64' },
        'no',
        'The libc of the image (/lib64/libc.so.6) needs Linux 3.2.0; your kernel is 2.6.32-754.el6.x86_64.',
      ],
      [
        'a kernel that is new enough',
        { kernelMinimum: KERNEL },
        { architecture: 'amd64', kernel: '6.1.0-13-amd64' },
        'yes',
        'The image is for linux/amd64, as is your machine.',
      ],
      [
        'programs for a core with more features',
        { microarchitecture: { value: 'skylake_avx512', evidence: '/opt/bin/python3.11' } },
        machine(),
        'no',
        'The image is compiled for skylake_avx512 (/opt/bin/python3.11); your machine lacks adx, aes, avx512bw, avx512cd, avx512dq, avx512f, avx512vl, clflushopt, clwb, pclmulqdq, rdrand, rdseed and 2 more.',
      ],
      [
        'programs for a core of another maker whose features are there',
        { microarchitecture: { value: 'haswell', evidence: '/opt/bin/python3.11' } },
        machine({ features: [...V3, 'aes', 'pclmulqdq', 'rdrand'] }),
        'yes',
        'The image is for linux/amd64, as is your machine.',
      ],
    ])('knows %s', (_name, needs, asker, verdict, reason) => {
      const { willItStart } = assessFit(AMD64, null, asker, needs);

      expect(willItStart.verdict).toBe(verdict);
      expect(willItStart.reasons[0]).toBe(reason);
    });

    const V2_IMAGE: ImageNeeds = {
      libc: { value: 'glibc 2.34', evidence: '/lib64/libc.so.6' },
      kernelMinimum: KERNEL,
      microarchitecture: { value: 'x86_64_v2', evidence: 'rhel 9.3 by /etc/os-release' },
    };
    const BUILT = 'The image is compiled for x86_64_v2 (rhel 9.3 by /etc/os-release)';

    it.each<[string, Parameters<typeof assessFit>[2], string, string[]]>([
      [
        'met',
        { architecture: 'amd64', isaLevel: 'v3', kernel: '5.14.0' },
        'yes',
        [
          'The image is for linux/amd64, as is your machine.',
          'The libc of the image, glibc 2.34 (/lib64/libc.so.6), needs Linux 3.2.0; your kernel is 5.14.0.',
          `${BUILT}; your machine is x86-64-v3.`,
        ],
      ],
      [
        'not met by the level',
        { architecture: 'amd64', isaLevel: 'v1' },
        'no',
        [
          `${BUILT}; your machine is x86-64-v1.`,
          'The image is for linux/amd64, as is your machine.',
          'The libc of the image, glibc 2.34 (/lib64/libc.so.6), needs Linux 3.2.0 or newer; your kernel is not known.',
        ],
      ],
      [
        'not known to be met',
        { architecture: 'amd64', kernel: '6.1.0' },
        'unknown',
        [
          `${BUILT}; whether your machine is that is not known.`,
          'The image is for linux/amd64, as is your machine.',
          'The libc of the image, glibc 2.34 (/lib64/libc.so.6), needs Linux 3.2.0; your kernel is 6.1.0.',
        ],
      ],
      [
        'left to emulation',
        { architecture: 'arm64', kernel: '6.1.0', features: ['asimd'] },
        'emulated-only',
        [
          'The image is for linux/amd64; your machine is arm64.',
          'The libc of the image, glibc 2.34 (/lib64/libc.so.6), needs Linux 3.2.0; your kernel is 6.1.0.',
        ],
      ],
    ])('says where each need is written that is %s', (_name, asker, verdict, reasons) => {
      expect(assessFit(AMD64, null, asker, V2_IMAGE).willItStart).toEqual({ verdict, reasons });
    });

    it('does not hold a Linux kernel minimum against macOS', () => {
      const mac = { ...machine(), operatingSystem: reported('sysctl', 'Darwin'), kernel: reported('sysctl', '2.0.0') };

      expect(assessFit(AMD64, null, mac, { kernelMinimum: KERNEL }).willItStart.verdict).toBe('yes');
    });

    it('warns of code for the archived machine alone, and of a libc from before vsyscall was emulated', () => {
      const { willItStart } = assessFit(AMD64, machine({ features: V4 }), machine(), {
        libc: { value: 'glibc 2.12', evidence: '/lib64/libc-2.12.so' },
      });

      expect(willItStart.verdict).toBe('yes');
      expect(willItStart.reasons.slice(1)).toEqual([
        'The image has glibc 2.12 (/lib64/libc-2.12.so): where the kernel is booted with vsyscall=none its programs end with a segmentation fault; vsyscall=emulate helps.',
        'Programs that were compiled for the archived machine alone (-march=native) need avx512bw, avx512cd, avx512dq, avx512f, avx512vl.',
      ]);
    });
  });

  describe('bitsMatch', () => {
    it.each<[string, HardwareFingerprint | null, Parameters<typeof assessFit>[2], string]>([
      ['the same machine', machine(), machine(), 'plausible'],
      ['another number of CPUs', machine(), machine({ cpus: 4 }), 'last-digits-may-differ'],
      ['another core of the same instruction set', machine(), machine({ model: '1' }), 'last-digits-may-differ'],
      ['a feature more, same level', machine(), machine({ features: [...V3, 'fma4'] }), 'last-digits-may-differ'],
      ['a flag more that no library looks at', machine(), machine({ features: [...V3, 'hypervisor'] }), 'plausible'],
      ['another level', machine(), machine({ features: V4 }), 'differences-expected'],
      ['another architecture', machine(), machine({ architecture: 'aarch64' }), 'differences-expected'],
      ['only the level known', machine(), { architecture: 'amd64', isaLevel: 'x86-64-v3' }, 'last-digits-may-differ'],
      ['a level that is none', machine(), { architecture: 'amd64', isaLevel: 'fast' }, 'unknown'],
      ['the level in short', machine(), { architecture: 'amd64', isaLevel: 'v4' }, 'differences-expected'],
      ['only the flags known', machine(), { architecture: 'amd64', features: V3 }, 'last-digits-may-differ'],
      ['only the architecture known', machine(), { architecture: 'amd64' }, 'unknown'],
      ['no record of the run', null, machine(), 'unknown'],
      ['no flags recorded', machine({ features: null }), machine(), 'unknown'],
      [
        'ARM with other vector units',
        machine({ architecture: 'aarch64', features: ['asimd'] }),
        machine({ architecture: 'aarch64', features: ['asimd', 'sve'] }),
        'differences-expected',
      ],
      [
        'the same GPUs and driver',
        machine({ gpus: [A100], driver: '1' }),
        machine({ gpus: [A100], driver: '1' }),
        'plausible',
      ],
      [
        'another driver',
        machine({ gpus: [A100], driver: '1' }),
        machine({ gpus: [A100], driver: '2' }),
        'last-digits-may-differ',
      ],
      [
        'another number of GPUs',
        machine({ gpus: [A100, A100], driver: '1' }),
        machine({ gpus: [A100], driver: '1' }),
        'last-digits-may-differ',
      ],
      [
        'a GPU of another architecture',
        machine({ gpus: [A100], driver: '1' }),
        machine({
          gpus: [{ ...A100, model: 'NVIDIA H100', architecture: 'Hopper', computeCapability: null }],
          driver: '1',
        }),
        'differences-expected',
      ],
      [
        'a GPU of no known architecture',
        machine({ gpus: [A100] }),
        machine({ gpus: [{ ...A100, model: 'GeForce', architecture: null, computeCapability: null }] }),
        'differences-expected',
      ],
      [
        'a slice of the same GPU',
        machine({ gpus: [A100], driver: '1' }),
        machine({ gpus: [{ ...A100, migMode: 'Enabled' }], driver: '1' }),
        'last-digits-may-differ',
      ],
      [
        'another product of the same compute capability',
        machine({ gpus: [A100], driver: '1' }),
        machine({ gpus: [{ ...A100, model: 'NVIDIA A30' }], driver: '1' }),
        'last-digits-may-differ',
      ],
      [
        'a GPU of the same architecture and another compute capability',
        machine({ gpus: [A100], driver: '1' }),
        machine({ gpus: [{ ...A100, model: 'NVIDIA A40', computeCapability: derived('lscpu', '8.6') }], driver: '1' }),
        'differences-expected',
      ],
      ['models of one design', named('1'), named('33'), 'plausible'],
      ['no GPU known', machine({ gpus: [A100] }), machine(), 'unknown'],
      ['no GPU known, but another level', machine({ gpus: [A100] }), machine({ features: V4 }), 'differences-expected'],
    ])('with %s', (_name, archived, asker, verdict) => {
      expect(bits(archived, asker).verdict).toBe(verdict);
    });

    it('gives the deciding reason first, and never promises equality', () => {
      const reasons = bits(machine({ gpus: [A100] }), machine({ features: V4 })).reasons;

      expect(reasons).toEqual([
        'The archived machine was x86-64-v3, yours is x86-64-v4.',
        'The archived machine had a GPU; which one yours has is not known.',
        'Which BLAS, how many threads and which CUDA toolkit were used is not part of this comparison; equality is never promised.',
      ]);
    });
  });

  it('gives a report of its shape for any machines, and is plausible only where both are described', () => {
    const described = fc.record({
      architecture: fc.constantFrom('x86_64', 'aarch64', 'sparc64'),
      features: fc.constantFrom(V3, V4, ['asimd'], null),
      gpus: fc.constantFrom<Gpu[]>([], [A100]),
    });
    fc.assert(
      fc.property(described, described, fc.boolean(), (before, now, isStated) => {
        const asker = isStated ? { architecture: now.architecture } : machine(now);
        const report = assessFit(AMD64, machine(before), asker);

        expect(FitReport.parse(report)).toEqual(report);
        if (report.bitsMatch.verdict === 'plausible') {
          expect(isStated).toBe(false);
          expect(now.features).toEqual(before.features);
          expect(now.architecture).toBe(before.architecture);
        }
      }),
    );
  });
});
