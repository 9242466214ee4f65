import { describe, expect, it } from 'vitest';
import { END, paxRecord, rawHeader, rawMember } from './__fixtures__/raw-tar.js';
import { bytesSource, type RandomAccessSource } from './random-access.js';
import { indexTar } from './tar-index.js';

const index = (...members: Uint8Array[]) => indexTar(bytesSource(Buffer.concat([...members, END])));

describe('oci/tar-index', () => {
  it('finds files under any spelling of their path', async () => {
    const found = await index(
      rawMember({ name: './blobs/', typeflag: '5' }),
      rawMember({ name: './blobs//a' }, 'x'.repeat(600)),
      rawMember({ typeflag: 'x' }, paxRecord('path', 'b/c')),
      rawMember({ name: 'z' }, 'yy'),
    );

    expect(found.paths).toEqual(['blobs', 'blobs/a', 'b/c']);
    expect(found.find('blobs/a')).toEqual({ offset: 1024, size: 600 });
    expect(found.find('./b/./c/')).toEqual({ offset: 3584, size: 2 });
    expect(found.find('c')).toBeNull();
  });

  it('reads headers only', async () => {
    const asked: [number, number][] = [];
    const size = 3 * 512 + 2 ** 36 + 1024;
    const first = rawHeader({ name: 'huge', size: Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0]) });
    const second = rawMember({ name: 'small' }, 'x');
    const source: RandomAccessSource = {
      size,
      read: async (offset, length) => {
        asked.push([offset, length]);
        return Buffer.concat([offset === 0 ? first : second, Buffer.alloc(length)]).subarray(0, length);
      },
    };

    const found = await indexTar(source);

    expect(found.find('huge')).toEqual({ offset: 512, size: 2 ** 36 });
    expect(found.find('small')).toEqual({ offset: 1024 + 2 ** 36, size: 1 });
    expect(asked).toEqual([
      [0, 16384],
      [512 + 2 ** 36, 2048],
    ]);
  });

  it('refuses a name that stands twice, and only when it is asked for', async () => {
    const found = await index(
      rawMember({ name: 'manifest.json' }, 'good'),
      rawMember({ name: 'other' }, 'x'),
      rawMember({ name: './manifest.json' }, 'evil'),
    );

    expect(found.find('other')).toEqual({ offset: 1536, size: 1 });
    expect(() => found.find('manifest.json')).toThrow(
      expect.objectContaining({ code: 'ARCHIVE_INVALID', detail: { reason: 'duplicate-path', path: 'manifest.json' } }),
    );
  });

  it('follows links inside the archive', async () => {
    const found = await index(
      rawMember({ name: 'a/layer.tar' }, 'layer'),
      rawMember({ name: 'b/layer.tar', typeflag: '2', linkname: '../a/layer.tar' }),
      rawMember({ name: 'c', typeflag: '1', linkname: 'b/layer.tar' }),
      rawMember({ name: 'dangling', typeflag: '2', linkname: 'nothing' }),
    );

    expect(found.find('c')).toEqual({ offset: 512, size: 5 });
    expect(found.find('dangling')).toBeNull();
  });

  it.each([
    ['unsafe-link', [rawMember({ name: 'a', typeflag: '2', linkname: '../../etc/passwd' })]],
    ['unsafe-link', [rawMember({ name: 'a', typeflag: '2', linkname: '/etc/passwd' })]],
    ['too-many-links', [rawMember({ name: 'a', typeflag: '2', linkname: 'a' })]],
    ['not-a-file', [rawMember({ name: 'a', typeflag: '5' })]],
    ['not-a-file', [rawMember({ name: 'a', typeflag: '3' })]],
  ])('refuses to find through %s (case %#)', async (reason, members) => {
    const found = await index(...members);

    expect(() => found.find('a')).toThrow(
      expect.objectContaining({ code: 'ARCHIVE_INVALID', detail: expect.objectContaining({ reason }) }),
    );
  });

  it('refuses an archive with a path that leads out of it', async () => {
    await expect(index(rawMember({ name: '../evil' }))).rejects.toMatchObject({
      code: 'ARCHIVE_INVALID',
      detail: { reason: 'unsafe-path', path: '../evil' },
    });
  });

  it('refuses an archive that was cut, wherever, and a source that gives less than it announced', async () => {
    const tar = Buffer.concat([rawMember({ name: 'a' }, 'x'.repeat(700)), rawMember({ name: 'b' }), END]);

    for (let length = 0; length < tar.length - 512; length += 256) {
      if (length === tar.length - 512) continue;
      await expect(indexTar(bytesSource(tar.subarray(0, length))), `cut at ${length}`).rejects.toMatchObject({
        code: 'ARCHIVE_INVALID',
        detail: { reason: 'truncated', offset: length },
      });
    }
    const liar: RandomAccessSource = { size: tar.length, read: async (offset) => tar.subarray(offset, 1000) };
    await expect(indexTar(liar)).rejects.toMatchObject({ detail: { reason: 'truncated', offset: 1000 } });
  });
});
