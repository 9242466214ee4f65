import { ImageDemands } from '@envarium/schema';
import { describe, expect, it } from 'vitest';
import type { FileListing, ImageProgram } from './file-listing.js';
import { demandsOf } from './image-demands.js';
import { runConfigOf } from './run-config.js';

type Told = Parameters<typeof demandsOf>[0];

const program = (path: string, more: Partial<ImageProgram> = {}): ImageProgram => ({
  role: 'libc',
  architecture: 'amd64',
  libc: { family: 'glibc', version: '2.36' },
  kernelMinimum: '3.2.0',
  isaLevel: null,
  path,
  ...more,
});
const cuda = (version: string, path: string): FileListing['runtimes'][number] => ({ name: 'cuda', version, path });
const apk = (version: string): FileListing['packages'][number] => ({
  ecosystem: 'apk',
  name: 'musl',
  version,
  path: 'lib/apk/db/installed',
});

const runConfig = runConfigOf({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } });

function demands(told: Partial<Told>): ImageDemands {
  const found = demandsOf({ programs: [], systems: [], runtimes: [], packages: [], runConfig, ...told });
  expect(ImageDemands.parse(found)).toEqual(found);
  return found;
}

describe('comparison/images/image-demands', () => {
  it('says of an image of which nothing is known that nothing is known', () => {
    expect(demands({})).toEqual({ architecture: 'amd64', libcs: [], isaLevels: [], system: null, toolkits: [] });
  });

  it('names each libc once, with the file that says so', () => {
    const programs = [
      program('usr/lib/x86_64-linux-gnu/libc.so.6'),
      program('usr/lib64/libc.so.6'),
      program('usr/lib32/libc.so.6', { architecture: '386' }),
    ];

    expect(
      demands({ programs, systems: [{ id: 'debian', versionId: '12', name: null, path: 'etc/os-release' }] }),
    ).toEqual({
      architecture: 'amd64',
      libcs: [
        {
          family: 'glibc',
          version: '2.36',
          architecture: 'amd64',
          kernelMinimum: '3.2.0',
          evidence: '/usr/lib/x86_64-linux-gnu/libc.so.6',
        },
        {
          family: 'glibc',
          version: '2.36',
          architecture: '386',
          kernelMinimum: '3.2.0',
          evidence: '/usr/lib32/libc.so.6',
        },
      ],
      isaLevels: [],
      system: { id: 'debian', versionId: '12', evidence: '/etc/os-release' },
      toolkits: [],
    });
  });

  it('names what every program needs as evidence of a level, before what one needs', () => {
    const more = { libc: null, kernelMinimum: null };
    const programs = [
      program('opt/bin/python3.11', { ...more, role: 'interpreter', isaLevel: 'x86-64-v2' }),
      program('usr/bin/perl', { ...more, role: 'interpreter', isaLevel: 'x86-64-v3' }),
      program('usr/lib64/ld-linux-x86-64.so.2', { ...more, role: 'loader', isaLevel: 'x86-64-v2' }),
    ];

    expect(demands({ programs }).isaLevels).toEqual([
      { level: 'x86-64-v2', evidence: '/usr/lib64/ld-linux-x86-64.so.2' },
      { level: 'x86-64-v3', evidence: '/usr/bin/perl' },
    ]);
  });

  it('takes the version of musl from its package where its file does not say it', () => {
    const fromFile = program('lib/ld-musl-x86_64.so.1', {
      libc: { family: 'musl', version: '1.2.4' },
      kernelMinimum: null,
    });

    expect(demands({ packages: [apk('1.2.4_git20230717-r4')] }).libcs).toEqual([
      {
        family: 'musl',
        version: '1.2.4',
        architecture: null,
        kernelMinimum: null,
        evidence: 'musl 1.2.4_git20230717-r4 of apk',
      },
    ]);
    expect(demands({ packages: [apk('1.2.4-r2')], programs: [fromFile] }).libcs.map((each) => each.evidence)).toEqual([
      '/lib/ld-musl-x86_64.so.1',
    ]);
  });

  it('names toolkits of CUDA by version, and not more of anything than an honest image has', () => {
    const runtimes = [
      cuda('11.8.89', 'usr/local/cuda-11.8/version.json'),
      cuda('11.8.89', 'usr/local/cuda/version.json'),
      { name: 'python', version: '3.11.4', path: 'usr/include/python3.11/patchlevel.h' },
    ];
    const many = Array.from({ length: 100 }, (_, index) =>
      cuda(`1.${index}`, `usr/local/cuda-1.${index}/version.json`),
    );

    expect(demands({ runtimes }).toolkits).toEqual([
      { version: '11.8.89', evidence: '/usr/local/cuda-11.8/version.json' },
    ]);
    expect(demands({ runtimes: many }).toolkits).toHaveLength(16);
  });
});
