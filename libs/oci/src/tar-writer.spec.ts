import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect } from './__fixtures__/raw-tar.js';
import { digestOf } from './digest.js';
import { readTar } from './tar-reader.js';
import { tarEntries, tarLength, type TarInput } from './tar-writer.js';

describe('oci/tar-writer', () => {
  it('writes the same bytes on every machine and every day', async () => {
    const entries: TarInput[] = [
      { path: 'etc/', type: 'directory' },
      { path: 'etc/motd', size: 3, body: Buffer.from('hi\n') },
      { path: 'etc/issue', type: 'symlink', linkname: 'motd' },
      { path: `usr/${'x'.repeat(120)}`, size: 0 },
    ];

    const tar = await collect(tarEntries(entries));

    expect(tar).toHaveLength(tarLength(entries));
    expect(digestOf(tar)).toBe('sha256:c9c8f970492b54517e4a57e51b8cdb4f65483a1ef52e4466ea9b8d38fa1a9df4');
  });

  it('refuses a body that is not as long as announced', async () => {
    const write = (size: number) => collect(tarEntries([{ path: 'a', size, body: Buffer.from('abc') }]));

    await expect(write(2)).rejects.toMatchObject({
      code: 'SIZE_INVALID',
      detail: { path: 'a', expected: 2, actual: 3 },
    });
    await expect(write(4)).rejects.toMatchObject({
      code: 'SIZE_INVALID',
      detail: { path: 'a', expected: 4, actual: 3 },
    });
  });

  it('needs no PAX for a path of 100 ASCII bytes, and does for one more or for other letters', () => {
    expect(tarLength([{ path: 'a'.repeat(100) }])).toBe(512 + 1024);
    expect(tarLength([{ path: 'a'.repeat(101) }])).toBe(3 * 512 + 1024);
    expect(tarLength([{ path: 'é' }])).toBe(3 * 512 + 1024);
  });

  it('knows the length of an archive larger than 8 GiB without making it', () => {
    expect(tarLength([{ path: 'a', size: 8 ** 11 - 1 }])).toBe(512 + 8 ** 11 + 1024);
    expect(tarLength([{ path: 'a', size: 8 ** 11 }])).toBe(3 * 512 + 8 ** 11 + 1024);
  });

  it('writes what the reader reads, at the length announced', async () => {
    const path = fc.stringMatching(/^[a-zé/ .=\n]{1,200}$/u);
    const header = {
      path,
      mode: fc.integer({ min: 0, max: 0o7777 }),
      uid: fc.integer({ min: 0, max: 2 ** 32 }),
      gid: fc.integer({ min: 0, max: 2 ** 32 }),
      mtime: fc.oneof(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), fc.constantFrom(0.5, -0.25, 1e-7)),
    };
    const file = fc
      .record({ ...header, body: fc.uint8Array({ maxLength: 1500 }) })
      .map(({ body, ...rest }): TarInput => ({
        ...rest,
        type: 'file',
        linkname: '',
        size: body.length,
        body: Buffer.from(body),
      }));
    const link = fc
      .record({ ...header, type: fc.constantFrom('symlink' as const, 'hardlink' as const), linkname: path })
      .map((rest): TarInput => ({ ...rest, size: 0, body: Buffer.alloc(0) }));

    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(file, link), { maxLength: 6 }), async (entries) => {
        const tar = await collect(tarEntries(entries));
        const found: TarInput[] = [];
        async function* content() {
          yield tar;
        }
        for await (const { path: name, mode, uid, gid, mtime, type, linkname, size, body } of readTar(content())) {
          if (type !== 'file' && type !== 'symlink' && type !== 'hardlink') throw new Error(type);
          found.push({ path: name, mode, uid, gid, mtime, type, linkname, size, body: await collect(body) });
        }
        expect(tar).toHaveLength(tarLength(entries));
        expect(found).toEqual(entries);
      }),
      { numRuns: 60 },
    );
  });
});
