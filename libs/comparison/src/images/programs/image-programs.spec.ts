import { describe, expect, it } from 'vitest';
import { listingOf, member, type TestLayer } from '../__fixtures__/test-image.js';
import { abiTag, buildElf, isaNeeded } from './__fixtures__/test-elf.js';

const GLIBC = 'GNU C Library (GNU libc) stable release version 2.31.\n';
const libc = (path: string, text = GLIBC, isa = 1) =>
  binary(path, buildElf({ notes: [abiTag([3, 2, 0]), isaNeeded(isa)], text }));
const program = (path: string, isa: number) => binary(path, buildElf({ notes: [isaNeeded(isa)] }));
const link = (path: string, linkname: string) => member(path, '', { type: 'symlink', linkname });

function binary(path: string, body: Buffer) {
  return { path, size: body.length, body };
}

async function programsOf(...layers: TestLayer[]): Promise<string[]> {
  const { programs } = await listingOf(layers);
  return programs.map(({ path, role, libc: found, kernelMinimum, isaLevel }) =>
    [path, role, found && `${found.family} ${found.version}`, kernelMinimum, isaLevel].filter(Boolean).join(' '),
  );
}

describe('comparison/images/programs/image-programs', () => {
  it.each([
    'lib/libc.so.6',
    'lib64/libc.so.6',
    'usr/lib64/libc.so.6',
    'usr/lib/x86_64-linux-gnu/libc.so.6',
    'lib/arm-linux-gnueabihf/libc.so.6',
    'nix/store/0c7c96gikmzv87i7lv3vq5s1cmfjd6zf-glibc-2.31/lib/libc.so.6',
  ])('reads the libc at %s', async (path) => {
    expect(await programsOf([libc(path)])).toEqual([`${path} libc glibc 2.31 3.2.0`]);
  });

  it.each([
    'lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libc.so.6',
    'lib/tls/libc.so.6',
    'opt/conda/x86_64-conda-linux-gnu/sysroot/lib64/libc.so.6',
    'lib/libc.so.7',
  ])('leaves %s alone, which no program has to load', async (path) => {
    expect(await programsOf([libc(path, GLIBC, 4)])).toEqual([]);
  });

  it('takes the libc that the link leads to, of several', async () => {
    const both = [libc('lib64/libc-2.30.so', GLIBC.replace('2.31', '2.30')), libc('lib64/libc-2.31.so')];

    expect(await programsOf([...both, link('lib64/libc.so.6', 'libc-2.31.so')])).toEqual([
      'lib64/libc-2.31.so libc glibc 2.31 3.2.0',
    ]);
    expect(await programsOf([...both, link('lib64/libc.so.6', '/lib64/../lib64/./libc-2.30.so')])).toEqual([
      'lib64/libc-2.30.so libc glibc 2.30 3.2.0',
    ]);
    expect(await programsOf([...both, link('lib64/libc.so.6', 'libc.so.6')])).toEqual([]);
    expect(await programsOf([...both, link('lib64/libc.so.6', `${'./'.repeat(600)}libc-2.31.so`)])).toEqual([]);
    expect(await programsOf(both)).toEqual([]);
  });

  it('follows links in a lower layer, and forgets what an upper one replaced', async () => {
    const lower = [link('lib64/libc.so.6', 'libc-2.31.so'), libc('lib64/libc-2.31.so')];

    expect(await programsOf(lower, [member('a')])).toEqual(['lib64/libc-2.31.so libc glibc 2.31 3.2.0']);
    expect(await programsOf(lower, [libc('lib64/libc.so.6', GLIBC.replace('2.31', '2.36'))])).toEqual([
      'lib64/libc.so.6 libc glibc 2.36 3.2.0',
    ]);
    expect(await programsOf(lower, [member('lib64/.wh.libc-2.31.so', '')])).toEqual([]);
  });

  it('reads musl, whether its loader is a file or a link', async () => {
    const musl = 'musl libc (x86_64)\0\x001.2.4\0';

    expect(await programsOf([binary('lib/ld-musl-x86_64.so.1', buildElf({ text: musl }))])).toEqual([
      'lib/ld-musl-x86_64.so.1 libc musl 1.2.4',
    ]);
    expect(
      await programsOf([
        binary('usr/lib/x86_64-linux-musl/libc.so', buildElf({ text: musl })),
        link('lib/ld-musl-x86_64.so.1', '/usr/lib/x86_64-linux-musl/libc.so'),
        member('usr/lib/x86_64-linux-gnu/libc.so', 'GROUP ( /lib/libc.so.6 )'),
      ]),
    ).toEqual(['usr/lib/x86_64-linux-musl/libc.so libc musl 1.2.4']);
  });

  it('lists loaders and interpreters only where they ask for more than any machine has', async () => {
    const found = await programsOf([
      program('usr/lib64/ld-linux-x86-64.so.2', 2),
      program('usr/bin/python3.11', 4),
      program('opt/conda/bin/python3.12', 1),
      program('opt/conda/pkgs/python-3.12.0-h0_0/bin/python3.12', 4),
      program('usr/lib/R/bin/exec/R', 8),
      program('opt/julia/bin/julia', 4),
      program('usr/bin/python3.11-config', 4),
      program('usr/bin/wc', 8),
      member('usr/bin/node', '#!/bin/sh\n'),
    ]);

    expect(found).toEqual([
      'opt/julia/bin/julia interpreter x86-64-v3',
      'usr/bin/python3.11 interpreter x86-64-v3',
      'usr/lib/R/bin/exec/R interpreter x86-64-v4',
      'usr/lib64/ld-linux-x86-64.so.2 loader x86-64-v2',
    ]);
  });
});
