import type { ImageDemands, ImageLibc } from '@envarium/schema';
import { describe, expect, it } from 'vitest';
import { describeNeeds, needsOfDemands } from './demand-needs.js';

const NONE: ImageDemands = { architecture: 'amd64', libcs: [], isaLevels: [], system: null, toolkits: [] };
const GLIBC: ImageLibc = {
  family: 'glibc',
  version: '2.36',
  architecture: 'amd64',
  kernelMinimum: '3.2.0',
  evidence: '/usr/lib/x86_64-linux-gnu/libc.so.6',
};
const MUSL: ImageLibc = {
  family: 'musl',
  version: '1.2.4',
  architecture: null,
  kernelMinimum: null,
  evidence: 'musl 1.2.4-r2 of apk',
};
const system = (id: string, versionId: string | null) => ({ id, versionId, evidence: '/etc/os-release' });

describe('hardware/demand-needs', () => {
  it('needs nothing where nothing is known', () => {
    expect(needsOfDemands(NONE)).toEqual({});
  });

  it('takes the libc of the architecture of the image, with the file that says it', () => {
    const libcs = [{ ...GLIBC, architecture: '386', kernelMinimum: '4.4.1', evidence: '/usr/lib32/libc.so.6' }, GLIBC];

    expect(needsOfDemands({ ...NONE, libcs })).toEqual({
      libc: { value: 'glibc 2.36', evidence: '/usr/lib/x86_64-linux-gnu/libc.so.6' },
      kernelMinimum: { value: '3.2.0', evidence: '/usr/lib/x86_64-linux-gnu/libc.so.6' },
    });
    expect(needsOfDemands({ ...NONE, architecture: 's390x', libcs })).toEqual({});
  });

  it('takes of several the one that asks least, and musl only where there is no other', () => {
    const newer = {
      ...GLIBC,
      version: '2.40',
      kernelMinimum: '3.10.0',
      evidence: '/nix/store/b-glibc-2.40/lib/libc.so.6',
    };

    expect(needsOfDemands({ ...NONE, libcs: [MUSL, newer, GLIBC] }).kernelMinimum?.value).toBe('3.2.0');
    expect(needsOfDemands({ ...NONE, libcs: [MUSL] })).toEqual({
      libc: { value: 'musl 1.2.4', evidence: 'musl 1.2.4-r2 of apk' },
    });
  });

  it.each([
    ['rhel', '9.3', 'x86_64_v2'],
    ['centos', '9', 'x86_64_v2'],
    ['rocky', '10.0', 'x86_64_v3'],
    ['almalinux', '10.0', 'x86_64_v2'],
    ['opensuse-leap', '16.0', 'x86_64_v2'],
    ['rhel', '8.9', undefined],
    ['centos', '7', undefined],
    ['opensuse-leap', '15.5', undefined],
    ['debian', '12', undefined],
    ['rhel', 'ten', undefined],
    ['arch', null, undefined],
  ])('knows that %s %s is built for %s', (id, versionId, level) => {
    const needs = needsOfDemands({ ...NONE, system: system(id, versionId) });

    expect(needs.microarchitecture?.value).toBe(level);
    expect(needs.microarchitecture?.evidence).toBe(level && `${id} ${versionId} by /etc/os-release`);
  });

  it('takes the highest level, and a file as evidence before a distribution', () => {
    const isaLevels = [
      { level: 'x86-64-v2', evidence: '/lib64/ld-linux-x86-64.so.2' },
      { level: 'x86-64-v3', evidence: '/usr/bin/python3.12' },
    ];

    expect(needsOfDemands({ ...NONE, isaLevels, system: system('rhel', '9.3') }).microarchitecture).toEqual({
      value: 'x86_64_v3',
      evidence: '/usr/bin/python3.12',
    });
    expect(
      needsOfDemands({ ...NONE, isaLevels: isaLevels.slice(0, 1), system: system('rhel', '9.3') }).microarchitecture
        ?.evidence,
    ).toBe('/lib64/ld-linux-x86-64.so.2');
  });

  it('asks for levels of x86-64 on x86-64 only', () => {
    expect(needsOfDemands({ ...NONE, architecture: 'arm64', system: system('rhel', '9.3') })).toEqual({});
  });

  it('takes the toolkit of CUDA where it is certain which', () => {
    const cuda = (...versions: string[]) =>
      needsOfDemands({
        ...NONE,
        toolkits: versions.map((version) => ({ version, evidence: `/usr/local/cuda-${version}` })),
      }).cuda;

    expect(cuda('12.2.20230823')).toEqual({ toolkit: '12.2', evidence: '/usr/local/cuda-12.2.20230823' });
    expect(cuda('12.2.1', '12.2.2')?.toolkit).toBe('12.2');
    expect(cuda('11.8.0', '12.2.2')).toBeUndefined();
    expect(cuda('12')).toBeUndefined();
  });

  it('says it in words', () => {
    const demands: ImageDemands = {
      ...NONE,
      libcs: [GLIBC],
      isaLevels: [{ level: 'x86-64-v2', evidence: '/lib64/ld-linux-x86-64.so.2' }],
      toolkits: [{ version: '12.2.1', evidence: '/usr/local/cuda-12.2/version.json' }],
    };

    expect(describeNeeds(needsOfDemands(demands))).toEqual([
      'Linux 3.2.0 or newer (glibc 2.36, /usr/lib/x86_64-linux-gnu/libc.so.6)',
      'a CPU that has all of x86_64_v2 (/lib64/ld-linux-x86-64.so.2)',
      'a driver for CUDA 12.2, where a GPU is used (/usr/local/cuda-12.2/version.json)',
    ]);
    expect(describeNeeds(needsOfDemands({ ...NONE, libcs: [MUSL] }))).toEqual([]);
  });
});
