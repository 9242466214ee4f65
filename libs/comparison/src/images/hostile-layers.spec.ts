import { gzipSync } from 'node:zlib';
import { type BuiltLayer, digestOf } from '@envarium/oci';
import { describe, expect, it } from 'vitest';
import { END, paxRecord, rawHeader, rawMember, type RawHeader } from '../../../oci/src/__fixtures__/raw-tar.js';
import { imageOf, imageOfBuilt, member, plainLayer, rawLayer } from './__fixtures__/test-image.js';
import { listFiles } from './list-files.js';
import type { FileListLimits } from './list-limits.js';

const tarOf = (...members: Buffer[]): Buffer => Buffer.concat([...members, END]);
const named = (name: string, more: RawHeader = {}): Buffer => tarOf(rawMember({ name, ...more }));
const extended = (...records: Buffer[]): Buffer =>
  tarOf(rawMember({ typeflag: 'x' }, Buffer.concat(records)), rawMember({ name: 'a' }));
const good = tarOf(rawMember({ name: 'a' }, 'content'));

async function failure(layers: readonly BuiltLayer[], limits: Partial<FileListLimits> = {}): Promise<unknown> {
  return listFiles(await imageOfBuilt(layers), { limits }).then(
    () => 'it was read',
    (error: unknown) => error,
  );
}

describe('comparison/images/hostile-layers', () => {
  it.each<{ what: string; tar: Buffer; reason: string }>([
    { what: 'a path that leaves the image', tar: named('a/../../etc/passwd'), reason: 'path-outside' },
    { what: 'a path of two dots', tar: named('..'), reason: 'path-outside' },
    { what: 'a NUL in a path', tar: extended(paxRecord('path', 'a\0b')), reason: 'path-nul' },
    {
      what: 'a path below a file',
      tar: tarOf(rawMember({ name: 'a' }), rawMember({ name: 'a/b' })),
      reason: 'path-below-file',
    },
    {
      what: 'a path below a link of the same layer',
      tar: tarOf(rawMember({ name: 'a', typeflag: '2', linkname: '/' }), rawMember({ name: 'a/etc/passwd' })),
      reason: 'path-below-file',
    },
    {
      what: 'a whiteout below a file',
      tar: tarOf(rawMember({ name: 'a' }), rawMember({ name: 'a/.wh.b' })),
      reason: 'path-below-file',
    },
    {
      what: 'a root that is a link',
      tar: named('./', { typeflag: '2', linkname: '/etc' }),
      reason: 'root-not-directory',
    },
    { what: 'a whiteout of nothing', tar: named('d/.wh.'), reason: 'whiteout-name' },
    { what: 'a whiteout of two dots', tar: named('d/.wh...'), reason: 'whiteout-name' },
    { what: 'a directory called like a whiteout', tar: named('.wh.d/a'), reason: 'whiteout-name' },
    { what: 'a hard link to nothing', tar: named('a', { typeflag: '1', linkname: 'b' }), reason: 'hardlink-target' },
    {
      what: 'a hard link out of the image',
      tar: named('a', { typeflag: '1', linkname: '../b' }),
      reason: 'hardlink-target',
    },
    { what: 'a hard link to itself', tar: named('a', { typeflag: '1', linkname: 'a' }), reason: 'hardlink-target' },
    {
      what: 'a hard link to a directory',
      tar: tarOf(rawMember({ name: 'd/', typeflag: '5' }), rawMember({ name: 'a', typeflag: '1', linkname: 'd' })),
      reason: 'hardlink-target',
    },
    { what: 'a link to nowhere at all', tar: named('a', { typeflag: '2' }), reason: 'link-target' },
    { what: 'a member of an unknown type', tar: named('a', { typeflag: 'Z' }), reason: 'entry-type' },
    { what: 'a sparse file', tar: extended(paxRecord('GNU.sparse.major', '1')), reason: 'sparse-unsupported' },
    { what: 'a wrong checksum', tar: tarOf(rawMember({ name: 'a', checksum: '0000000' })), reason: 'header-checksum' },
    {
      what: 'an extended header that lies about lengths',
      tar: extended(Buffer.from('99 path=a\n')),
      reason: 'pax-record',
    },
    {
      what: 'too many extended records',
      tar: extended(...Array.from({ length: 1025 }, (_, i) => paxRecord(`k${i}`, 'v'))),
      reason: 'pax-records-limit',
    },
    {
      what: 'an extended header of a gigabyte',
      tar: rawHeader({ typeflag: 'x', size: 2 ** 30 }),
      reason: 'tar-extendedHeaderSize',
    },
    {
      what: 'a path longer than a path can be',
      tar: extended(paxRecord('path', 'p/'.repeat(2049))),
      reason: 'tar-maxPathLength',
    },
    {
      what: 'a path of too many directories',
      tar: extended(paxRecord('path', 'p/'.repeat(513))),
      reason: 'path-too-deep',
    },
    { what: 'a tar that ends within a file', tar: rawMember({ name: 'a', size: 5000 }, 'short'), reason: 'truncated' },
    { what: 'bytes that are no tar', tar: Buffer.alloc(2000, 'x'), reason: 'header-checksum' },
  ])('refuses $what', async ({ tar, reason }) => {
    const layer = rawLayer(tar);

    expect(await failure([layer])).toMatchObject({
      code: 'LAYER_INVALID',
      detail: { reason, layer: layer.descriptor.digest },
    });
  });

  it.each<{ what: string; tar: Buffer; limits: Partial<FileListLimits>; reason: string }>([
    {
      what: 'members',
      tar: tarOf(...['a', 'b', 'c', 'd'].map((name) => rawMember({ name }))),
      limits: { maxEntries: 3 },
      reason: 'tar-maxEntries',
    },
    { what: 'directories that one path implies', tar: named('a/b/c/d'), limits: { maxEntries: 3 }, reason: 'entries' },
    {
      what: 'whiteouts',
      tar: tarOf(...['.wh.a', '.wh.b', '.wh.c'].map((name) => rawMember({ name }))),
      limits: { maxEntries: 2 },
      reason: 'tar-maxEntries',
    },
    { what: 'bytes of paths', tar: named('a'.repeat(90)), limits: { maxMetadataSize: 80 }, reason: 'metadata-size' },
    {
      what: 'bytes of links',
      tar: named('a', { typeflag: '2', linkname: 'b'.repeat(90) }),
      limits: { maxMetadataSize: 80 },
      reason: 'metadata-size',
    },
    {
      what: 'bytes of one attribute',
      tar: extended(paxRecord('SCHILY.xattr.user.a', 'x'.repeat(70_000))),
      limits: {},
      reason: 'xattr-size',
    },
    {
      what: 'bytes of attributes',
      tar: extended(paxRecord('SCHILY.xattr.user.a', 'x'.repeat(100))),
      limits: { maxMetadataSize: 100 },
      reason: 'metadata-size',
    },
    {
      what: 'packages',
      tar: tarOf(rawMember({ name: 'lib/apk/db/installed' }, 'P:a\nV:1\n\nP:b\nV:1\n')),
      limits: { maxPackages: 1 },
      reason: 'packages',
    },
    { what: 'unpacked bytes', tar: good, limits: { maxUnpackedSize: 1000 }, reason: 'unpacked-size' },
    {
      what: 'bytes behind the end',
      tar: Buffer.concat([good, Buffer.alloc(9000)]),
      limits: { maxUnpackedSize: 4000 },
      reason: 'unpacked-size',
    },
    {
      what: 'unpacked bytes for each packed one',
      tar: tarOf(rawMember({ name: 'zeros' }, Buffer.alloc(4_000_000))),
      limits: { ratioFreeSize: 1_000_000 },
      reason: 'compression-ratio',
    },
  ])('refuses an image with too many $what', async ({ tar, limits, reason }) => {
    expect(await failure([rawLayer(tar)], limits)).toMatchObject({
      code: 'IMAGE_TOO_LARGE',
      detail: { reason, limit: expect.any(Number) },
    });
  });

  it('counts entries and bytes over all layers, and the layers', async () => {
    const layers = [rawLayer(named('a')), rawLayer(named('b')), rawLayer(named('c'))];

    expect(await failure(layers, { maxEntries: 2 })).toMatchObject({
      code: 'IMAGE_TOO_LARGE',
      detail: { reason: 'entries' },
    });
    expect(await failure(layers, { maxUnpackedSize: 4000 })).toMatchObject({ detail: { reason: 'unpacked-size' } });
    expect(await failure(layers, { maxLayers: 2 })).toMatchObject({ detail: { reason: 'layers', limit: 2 } });
  });

  it.each<{ what: string; layer: BuiltLayer; code: string; reason?: string }>([
    {
      what: 'a gzip that is cut',
      layer: rawLayer(good, gzipSync(good).subarray(0, -9)),
      code: 'LAYER_INVALID',
      reason: 'gzip-truncated',
    },
    {
      what: 'a gzip with a wrong checksum',
      layer: rawLayer(good, Buffer.concat([gzipSync(good).subarray(0, -8), Buffer.alloc(8)])),
      code: 'LAYER_INVALID',
      reason: 'gzip-not-valid',
    },
    {
      what: 'bytes behind a gzip',
      layer: rawLayer(good, Buffer.concat([gzipSync(good), Buffer.from('more')])),
      code: 'LAYER_INVALID',
      reason: 'gzip-not-valid',
    },
    {
      what: 'zeros behind a gzip',
      layer: rawLayer(good, Buffer.concat([gzipSync(good), Buffer.alloc(20)])),
      code: 'LAYER_INVALID',
      reason: 'gzip-trailing-bytes',
    },
    {
      what: 'zeros behind a gzip, in a piece of their own',
      layer: rawLayer(good, Buffer.concat([gzipSync(good), Buffer.alloc(5000)])),
      code: 'LAYER_INVALID',
      reason: 'gzip-trailing-bytes',
    },
    {
      what: 'a layer that is not what the config says',
      layer: { ...rawLayer(good), diffId: digestOf(Buffer.from('other')) },
      code: 'DIGEST_INVALID',
      reason: 'diff-id',
    },
    {
      what: 'no bytes at all for a gzip',
      layer: { ...rawLayer(good), content: async function* () {} },
      code: 'SIZE_INVALID',
    },
  ])('refuses $what', async ({ layer, code, reason }) => {
    expect(await failure([layer])).toMatchObject({ code, detail: reason === undefined ? {} : { reason } });
  });

  it('refuses a blob of another digest or size, compressed or not', async () => {
    const other = plainLayer(tarOf(rawMember({ name: 'a' }, 'CONTENT')));
    const { descriptor, diffId } = plainLayer(good);

    expect(await failure([{ descriptor, diffId, content: other.content }])).toMatchObject({ code: 'DIGEST_INVALID' });
    const short = { ...descriptor, size: descriptor.size - 512 };
    expect(await failure([{ ...plainLayer(good), descriptor: short }])).toMatchObject({ code: 'SIZE_INVALID' });
  });

  it('says which version of Node.js cannot read zstd, or reads it', async () => {
    const frame = Buffer.from('28b52ffd2000010000', 'hex');
    const error = await failure([rawLayer(Buffer.alloc(0), frame)]);

    const isRefused = 'createZstdDecompress' in (await import('node:zlib')) === false;
    if (isRefused) {
      expect(error).toMatchObject({
        code: 'LAYER_INVALID',
        detail: { reason: 'zstd-unsupported', node: process.version },
      });
    } else expect(error).toBe('it was read');
  });

  it('refuses an image whose config counts other layers', async () => {
    const image = await imageOf([[member('a')], [member('b')]]);

    await expect(listFiles({ ...image, layers: image.layers.slice(1) })).rejects.toMatchObject({
      code: 'LAYER_INVALID',
      detail: { reason: 'layer-count', expected: 2, actual: 1 },
    });
  });

  it('reads an image without layers', async () => {
    const { entries } = await listFiles(await imageOf([]));

    expect(entries.map(({ path }) => path)).toEqual(['.']);
  });
});
