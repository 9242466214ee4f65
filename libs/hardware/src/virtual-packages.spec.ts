import { describe, expect, it } from 'vitest';
import { derived, reported } from './facts.js';
import { toFingerprint } from './fingerprint.js';
import { toMachine } from './machine.js';
import { virtualPackagesOf } from './virtual-packages.js';

describe('hardware/virtual-packages', () => {
  it('says of a machine what conda says', () => {
    const fingerprint = toFingerprint({
      architecture: reported('lscpu', 'x86_64'),
      operatingSystem: derived('lscpu', 'Linux'),
      kernel: reported('node-os', '6.1.0-13-amd64'),
      libc: reported('node-os', 'glibc 2.36'),
      cudaDriverMax: reported('nvidia-smi-q', '12.2'),
      cpu: { microarchitecture: derived('lscpu', 'zen3') },
      gpus: [],
    });

    expect(virtualPackagesOf(toMachine(fingerprint))).toEqual([
      '__unix=0=0',
      '__linux=6.1.0=0',
      '__glibc=2.36=0',
      '__archspec=1=zen3',
      '__cuda=12.2=0',
    ]);
  });

  it('leaves out what is not known, and takes the kernel of macOS for no Linux', () => {
    const mac = toFingerprint({ operatingSystem: derived('sysctl', 'Darwin'), kernel: reported('sysctl', '23.1.0') });

    expect(virtualPackagesOf(toMachine(mac))).toEqual(['__unix=0=0']);
    expect(virtualPackagesOf(toMachine(toFingerprint({})))).toEqual([]);
  });

  it('names the least able of the GPUs', () => {
    const machine = toMachine({ architecture: 'amd64', gpu: 'Tesla T4', kernel: '5.10' });
    const gpus = [...machine.gpus, ...toMachine({ architecture: 'amd64', gpu: 'NVIDIA B200' }).gpus];

    expect(virtualPackagesOf({ ...machine, gpus })).toEqual(['__unix=0=0', '__linux=5.10=0', '__cuda_arch=7.5=0']);
  });
});
