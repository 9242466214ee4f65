import { gzipSync } from 'node:zlib';
import { digestOf } from '@envarium/oci';
import { FileListDocument } from '@envarium/schema';
import { describe, expect, it } from 'vitest';
import { END, paxRecord, rawMember } from '../../../oci/src/__fixtures__/raw-tar.js';
import { abiTag, buildElf } from './programs/__fixtures__/test-elf.js';
import { bytesOf, listingOf, member, streamOf } from './__fixtures__/test-image.js';
import { decodeFileList, encodeFileList } from './file-list-codec.js';
import { describeFiles } from './file-list-document.js';
import type { FileListing } from './file-listing.js';

const IMAGE = {
  kind: 'image',
  version: 1,
  imageDigest: digestOf(Buffer.from('image')),
  configDigest: digestOf(Buffer.from('config')),
  diffIds: [],
  runConfig: {
    architecture: 'amd64',
    os: 'linux',
    variant: '',
    env: [],
    entrypoint: [],
    cmd: [],
    user: '',
    workingDir: '/',
    volumes: [],
  },
};
const FILE = { path: 'a', type: 'file', mode: '644', uid: 0, gid: 0, size: 1, sha256: 'a'.repeat(64), mtime: '0' };

const listOf = (...lines: unknown[]): Buffer => gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

async function richListing(): Promise<FileListing> {
  const odd = Buffer.concat([
    rawMember(
      { typeflag: 'x' },
      Buffer.concat([
        paxRecord('path', Buffer.from('caf\xe9 "\n\\', 'latin1')),
        paxRecord('SCHILY.xattr.security.capability', Buffer.from([0, 255, 10])),
        paxRecord('mtime', '-5.5'),
      ]),
    ),
    rawMember({ name: 'odd' }, 'x'),
    rawMember({ typeflag: 'x' }, Buffer.concat([paxRecord('linkpath', Buffer.from([0xff, 0x2f]))])),
    rawMember({ name: 'link', typeflag: '2', linkname: 'x' }),
    rawMember({ name: 'null', typeflag: '3' }),
    rawMember({ name: 'var/lib/rpm/Packages' }, 'Berkeley'),
    END,
  ]);
  const status = 'Package: libc6\nStatus: install ok installed\nVersion: 2.36-9\n';
  const libc = buildElf({ notes: [abiTag([3, 2, 0])], text: 'GNU C Library stable release version 2.36.\n' });
  const told = [
    member('lib64/libc.so.6', '', { size: libc.length, body: libc }),
    member('Größe/データ'),
    member('var/lib/dpkg/status', status),
    member('etc/os-release', 'ID=debian\nVERSION_ID="12"\n'),
    member('opt/include/python3.11/patchlevel.h', '#define PY_VERSION "3.11.4"\n'),
    member('opt/lib/python3.11/site-packages/A_b-1.dist-info/METADATA', 'Name: A_b\nVersion: 1\n'),
    member('opt/conda-meta/a-1-0.json', '{"name":"a","version":"1","build":"0"}'),
  ];
  return listingOf([told, odd], {
    config: { Env: ['PATH=/bin', 'A='], Cmd: ['sh'] },
  });
}

describe('comparison/images/file-list-codec', () => {
  it('gives back what it was given, whatever the names are made of', async () => {
    const listing = await richListing();

    const decoded = await decodeFileList(encodeFileList(listing));

    expect(decoded).toEqual(listing);
    expect(decoded.packages.map(({ name, writtenName, qualifiers }) => [name, writtenName, qualifiers])).toEqual([
      ['a', undefined, { build: '0' }],
      ['libc6', undefined, undefined],
      ['a-b', 'A_b', undefined],
    ]);
    expect([decoded.systems.length, decoded.runtimes.length, decoded.programs.length]).toEqual([1, 1, 1]);
    expect(decoded.unreadPackages).toEqual([
      { path: 'var/lib/rpm/Packages', reason: 'not-understood', because: 'it is too short for a Berkeley DB' },
    ]);
    expect(decoded.entries.map(({ path }) => path)).toContain('caf\xe9 "\n\\');
  });

  it('writes equal bytes for equal images, however they came', async () => {
    const listing = await richListing();
    const again = await richListing();

    const bytes = await bytesOf(encodeFileList(listing));

    expect((await bytesOf(encodeFileList(again))).equals(bytes)).toBe(true);
    expect((await bytesOf(encodeFileList(await decodeFileList(streamOf(bytes, 7))))).equals(bytes)).toBe(true);
  });

  it.each<{ what: string; bytes: Buffer; reason: string; limits?: object }>([
    { what: 'nothing', bytes: gzipSync(''), reason: 'file-list-empty' },
    { what: 'what is not compressed', bytes: Buffer.from('{}\n'), reason: 'file-list-gzip-not-valid' },
    { what: 'a list that is cut', bytes: listOf(IMAGE, FILE).subarray(0, 60), reason: 'file-list-gzip-truncated' },
    { what: 'a line that is cut', bytes: gzipSync(`${JSON.stringify(IMAGE)}\n{"pa`), reason: 'file-list-truncated' },
    { what: 'what is not JSON', bytes: gzipSync(`${JSON.stringify(IMAGE)}\nfile\n`), reason: 'file-list-json' },
    { what: 'a list without its image', bytes: listOf(FILE), reason: 'file-list-shape' },
    { what: 'a later version', bytes: listOf({ ...IMAGE, version: 2 }), reason: 'file-list-shape' },
    { what: 'an unknown type', bytes: listOf(IMAGE, { ...FILE, type: 'door' }), reason: 'file-list-shape' },
    { what: 'a second image', bytes: listOf(IMAGE, IMAGE), reason: 'file-list-shape' },
    { what: 'files out of order', bytes: listOf(IMAGE, { ...FILE, path: 'b' }, FILE), reason: 'file-list-order' },
    { what: 'a file twice', bytes: listOf(IMAGE, FILE, FILE), reason: 'file-list-order' },
    { what: 'a file without a name', bytes: listOf(IMAGE, { ...FILE, path: undefined }), reason: 'file-list-order' },
    { what: 'too many lines', bytes: listOf(IMAGE, FILE), reason: 'file-list-too-many-lines', limits: { maxLines: 1 } },
    { what: 'too many bytes', bytes: listOf(IMAGE, FILE), reason: 'file-list-too-large', limits: { maxSize: 100 } },
    {
      what: 'a line that does not end',
      bytes: gzipSync('x'.repeat(1000)),
      reason: 'file-list-line-too-long',
      limits: { maxLineSize: 500 },
    },
  ])('refuses $what', async ({ bytes, reason, limits }) => {
    await expect(decodeFileList(streamOf(bytes), limits)).rejects.toMatchObject({
      code: 'ARCHIVE_INVALID',
      detail: { reason },
    });
  });
});

describe('comparison/images/file-list-document', () => {
  const list = { digest: digestOf(Buffer.from('list')), size: 4 };
  const document = async (mtime: number, log: string, text = 'x') =>
    describeFiles(await listingOf([[member('a', text, { mtime }), member('var/log/dpkg.log', log)]]), list);

  it('has the shape that is stored', async () => {
    const listing = await richListing();
    const described = describeFiles(listing, list);

    expect(FileListDocument.parse(described)).toEqual(described);
    expect(described).toMatchObject({
      noisePolicy: 'envarium-noise v1, package-readers v3',
      entryCount: 27,
      size: 394,
      list,
    });
  });

  it('has a digest that does not change with times, and one that does not change with noise', async () => {
    const [first, later, noisier, other] = await Promise.all([
      document(1, 'x'),
      document(2, 'x'),
      document(2, 'y'),
      document(1, 'x', 'y'),
    ]);

    expect(later.treeDigest).not.toBe(first.treeDigest);
    expect(later.treeWithoutTimesDigest).toBe(first.treeWithoutTimesDigest);
    expect(noisier.treeWithoutTimesDigest).not.toBe(first.treeWithoutTimesDigest);
    expect(noisier.treeWithoutNoiseDigest).toBe(first.treeWithoutNoiseDigest);
    expect(other.treeWithoutNoiseDigest).not.toBe(first.treeWithoutNoiseDigest);
  });

  it('has none of packages where there are none', async () => {
    expect(await document(1, 'x')).toMatchObject({ packagesDigest: null });
    expect(describeFiles(await richListing(), list).packagesDigest).toMatch(/^sha256:/);
  });
});
