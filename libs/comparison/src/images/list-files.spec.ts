import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { END, paxRecord, rawMember } from '../../../oci/src/__fixtures__/raw-tar.js';
import { imageOf, imageOfBuilt, listingOf, member, plainLayer, type TestLayer } from './__fixtures__/test-image.js';
import { listFiles } from './list-files.js';

const link = (path: string, linkname: string) => member(path, '', { type: 'symlink', linkname });
const hard = (path: string, linkname: string) => member(path, '', { type: 'hardlink', linkname });

async function pathsOf(...layers: TestLayer[]): Promise<string[]> {
  return (await listingOf(layers)).entries.map(({ path, type }) => (type === 'directory' ? `${path}/` : path));
}

describe('comparison/images/list-files', () => {
  it('tells what a file is', async () => {
    const { entries } = await listingOf([
      [member('./bin//run', 'echo', { mode: 0o4755, uid: 3, gid: 70000, mtime: 1700000000.25 })],
    ]);

    expect(entries).toEqual([
      expect.objectContaining({ path: '.', type: 'directory', mode: 0o755 }),
      expect.objectContaining({ path: 'bin', type: 'directory', mode: 0o755 }),
      {
        path: 'bin/run',
        type: 'file',
        mode: 0o4755,
        uid: 3,
        gid: 70000,
        size: 4,
        sha256: createHash('sha256').update('echo').digest('hex'),
        target: null,
        device: null,
        xattrs: [],
        mtime: '1700000000.25',
      },
    ]);
  });

  it.each<{ rule: string; layers: TestLayer[]; paths: string[] }>([
    {
      rule: 'takes a file away that a whiteout names',
      layers: [[member('a'), member('b')], [member('.wh.a', '')]],
      paths: ['./', 'b'],
    },
    {
      rule: 'takes a directory away with all that is in it',
      layers: [[member('d/e/f'), member('g')], [member('.wh.d', '')]],
      paths: ['./', 'g'],
    },
    {
      rule: 'keeps what the layer of the whiteout brings under the same name',
      layers: [[member('d/old')], [member('d/new'), member('.wh.d', '')]],
      paths: ['./', 'd/', 'd/new'],
    },
    {
      rule: 'clears only lower layers below an opaque directory, though the mark stands last',
      layers: [
        [member('d/old'), member('d/e/old')],
        [member('d/'), member('d/new'), member('d/.wh..wh..opq', '')],
      ],
      paths: ['./', 'd/', 'd/new'],
    },
    {
      rule: 'clears the whole image where the root is opaque',
      layers: [
        [member('a'), member('b/c')],
        [member('.wh..wh..opq', ''), member('d')],
      ],
      paths: ['./', 'd'],
    },
    {
      rule: 'lets a file replace a directory with all that is in it',
      layers: [[member('d/a'), member('d/b')], [member('d')]],
      paths: ['./', 'd'],
    },
    {
      rule: 'lets a link replace a directory, and follows no link',
      layers: [[member('d/a'), member('e/')], [link('d', 'e')], [member('e/b')]],
      paths: ['./', 'd', 'e/', 'e/b'],
    },
    {
      rule: 'lets a directory replace a file',
      layers: [[member('d')], [member('d/a')]],
      paths: ['./', 'd/', 'd/a'],
    },
    {
      rule: 'keeps what is in a directory that is described again',
      layers: [[member('d/a')], [member('d/', '', { mode: 0o700 })]],
      paths: ['./', 'd/', 'd/a'],
    },
    {
      rule: 'forgets whiteouts of what is not there',
      layers: [[member('a')], [member('nowhere/deep/.wh.b', ''), member('a/.wh.c', '')]],
      paths: ['./', 'a'],
    },
    {
      rule: 'passes over what aufs kept for itself',
      layers: [[member('.wh..wh.aufs', ''), member('.wh..wh.plnk/'), member('.wh..wh.plnk/1.2'), member('a')]],
      paths: ['./', 'a'],
    },
    {
      rule: 'sorts by bytes, not by directory',
      layers: [[member('a/z'), member('a-b'), member('a.b')]],
      paths: ['./', 'a/', 'a-b', 'a.b', 'a/z'],
    },
    {
      rule: 'takes a leading slash for the root of the image',
      layers: [[member('/etc/passwd')]],
      paths: ['./', 'etc/', 'etc/passwd'],
    },
  ])('$rule', async ({ layers, paths }) => {
    expect(await pathsOf(...layers)).toEqual(paths);
  });

  it('takes the last description of a directory, and the last of two members of one path', async () => {
    const { entries } = await listingOf([
      [member('d/', '', { mode: 0o700 }), member('d/a', 'first')],
      [member('d/', '', { uid: 7 }), member('b', 'one'), member('b', 'other')],
    ]);

    expect(entries.find(({ path }) => path === 'd')).toMatchObject({ mode: 0o755, uid: 7 });
    expect(entries.find(({ path }) => path === 'b')).toMatchObject({ size: 5 });
  });

  it('gives a hard link the record of its target, from the same layer or a lower one', async () => {
    const { entries } = await listingOf([
      [member('a', 'content', { mode: 0o751, uid: 4 }), hard('b', './a')],
      [hard('c', '/b'), member('.wh.a', '')],
    ]);

    const [b, c] = ['b', 'c'].map((name) => entries.find(({ path }) => path === name));
    expect(b).toMatchObject({ type: 'file', mode: 0o751, uid: 4, size: 7 });
    expect(c).toEqual({ ...b, path: 'c' });
  });

  it('keeps binary attributes, times to the nanosecond, devices, and names that are not text', async () => {
    const capability = Buffer.from('01000002ff80fe00c3280a3d00', 'hex');
    const pax = Buffer.concat([
      paxRecord('SCHILY.xattr.security.capability', capability),
      paxRecord('SCHILY.xattr.user.empty', ''),
      paxRecord('mtime', '1234567890.123456789999'),
      paxRecord('path', Buffer.from('caf\xe9', 'latin1')),
    ]);
    const tar = Buffer.concat([
      rawMember({ typeflag: 'x' }, pax),
      rawMember({ name: 'short' }, 'body'),
      rawMember({ name: 'null', typeflag: '3', mode: '0020666' }),
      rawMember({ name: 'pipe', typeflag: '6' }),
      rawMember({ name: 'link', typeflag: '2', linkname: '../na\xefve' }),
      END,
    ]);

    const { entries } = await listFiles(await imageOf([tar]));

    expect(entries.slice(1)).toEqual([
      expect.objectContaining({
        path: 'caf\xe9',
        xattrs: [['security.capability', capability.toString('base64')]],
        mtime: '1234567890.123456789',
      }),
      expect.objectContaining({ path: 'link', type: 'symlink', mode: 0o777, target: '../na\xc3\xafve' }),
      expect.objectContaining({ path: 'null', type: 'character-device', device: '0:0', mode: 0o666 }),
      expect.objectContaining({ path: 'pipe', type: 'fifo', size: 0 }),
    ]);
  });

  it('reads a layer that is not compressed, and one without an end', async () => {
    const tar = rawMember({ name: 'a' }, 'plain');
    const image = await imageOfBuilt([plainLayer(tar)]);

    expect((await listFiles(image)).entries.map(({ path }) => path)).toEqual(['.', 'a']);
  });

  it('says how far it is', async () => {
    const image = await imageOf([[member('a')], [member('b')]]);
    const seen: string[] = [];

    await listFiles(image, {
      onProgress: ({ layer, layers, bytesRead, bytesTotal }) =>
        seen.push(`${layer}/${layers} ${bytesRead === bytesTotal ? 'all' : 'some'}`),
    });

    expect(seen.at(0)).toBe('1/2 some');
    expect(seen.at(-1)).toBe('2/2 all');
  });

  it.each([
    ['no tar', Buffer.alloc(2000, 'x')],
    ['no gzip, though it begins so', Buffer.from(`1f8b${'00'.repeat(2000)}`, 'hex')],
  ])('closes a layer of which the first piece is %s', async (_, bytes) => {
    const image = await imageOf([[member('a', 'content')]]);
    let isClosed = false;
    async function* content(): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        for (;;) yield bytes;
      } finally {
        isClosed = true;
      }
    }
    const layers = image.layers.map((layer) => ({ ...layer, size: 10 ** 9, open: content }));

    await expect(listFiles({ ...image, layers })).rejects.toMatchObject({ code: 'LAYER_INVALID' });
    expect(isClosed).toBe(true);
  });

  it('stops when it is told to, and closes the layer', async () => {
    const controller = new AbortController();
    const image = await imageOf([[member('a', 'x'.repeat(100_000))]]);
    let isClosed = false;
    async function* endless(): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        for (;;) {
          yield Buffer.from('1f8b0800', 'hex');
          controller.abort(new Error('enough'));
        }
      } finally {
        isClosed = true;
      }
    }
    const layers = image.layers.map((layer) => ({ ...layer, open: endless }));

    await expect(listFiles({ ...image, layers }, { signal: controller.signal })).rejects.toThrow('enough');
    expect(isClosed).toBe(true);
  });
});
