import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect, END, inChunks, paxRecord, rawHeader, rawMember } from './__fixtures__/raw-tar.js';
import { readTar, type TarMember } from './tar-reader.js';
import type { TarLimits } from './tar-walk.js';

async function read(tar: Uint8Array, limits: Partial<TarLimits> = {}): Promise<{ entry: TarMember; text: string }[]> {
  const found = [];
  for await (const entry of readTar(inChunks(tar), limits)) {
    found.push({ entry, text: (await collect(entry.body)).toString('latin1') });
  }
  return found;
}

/** Reads the one entry of a tar made of these members. */
async function readOne(...members: Uint8Array[]): Promise<TarMember> {
  const found = await read(Buffer.concat([...members, END]));
  expect(found).toHaveLength(1);
  return found[0]!.entry;
}

function refusal(tar: Uint8Array, limits: Partial<TarLimits> = {}): Promise<unknown> {
  return read(tar, limits).then(
    () => 'read',
    (error: unknown) => error,
  );
}

/** So that damage gets past the checksum, as an attacker's would. */
function repairChecksum(tar: Buffer, header: number): void {
  tar.fill(' ', header + 148, header + 156);
  const sum = tar.subarray(header, header + 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, header + 148, 'latin1');
}

const invalid = (detail: object) => ({ code: 'ARCHIVE_INVALID', detail });

describe('oci/tar-reader', () => {
  it('reads members and their bodies', async () => {
    const tar = Buffer.concat([
      rawMember({ name: 'dir/', typeflag: '5', mode: '0040755' }),
      rawMember({ name: 'dir/a', mtime: '14732463735' }, 'hello'),
      rawMember({ name: 'b' }, 'x'.repeat(512)),
      rawMember({ name: 'link', typeflag: '2', linkname: '../b' }),
      rawMember({ name: 'hard', typeflag: '1', linkname: 'dir/a' }),
      END,
    ]);

    const found = await read(tar);

    expect(
      found.map(({ entry, text }) => [entry.path, entry.type, entry.size, text.slice(0, 5), entry.linkname]),
    ).toEqual([
      ['dir/', 'directory', 0, '', ''],
      ['dir/a', 'file', 5, 'hello', ''],
      ['b', 'file', 512, 'xxxxx', ''],
      ['link', 'symlink', 0, '', '../b'],
      ['hard', 'hardlink', 0, '', 'dir/a'],
    ]);
    expect(found[0]!.entry.mode).toBe(0o755);
    expect(found[1]!.entry.mtime).toBe(1735026653);
    expect(found[1]!.entry.offset).toBe(1024);
  });

  it.each([1, 511, 512, 513, 5000])('gives the same for input in chunks of %i bytes', async (chunkSize) => {
    const tar = Buffer.concat([rawMember({ name: 'a' }, 'x'.repeat(700)), rawMember({ name: 'b' }, 'y'), END]);

    const found: [string, string][] = [];
    for await (const entry of readTar(inChunks(tar, chunkSize))) {
      found.push([entry.path, (await collect(entry.body)).toString()]);
    }

    expect(found).toEqual([
      ['a', 'x'.repeat(700)],
      ['b', 'y'],
    ]);
  });

  it('keeps nothing of a buffer that the input uses again', async () => {
    const tar = Buffer.concat([
      rawMember({ typeflag: 'x' }, paxRecord('SCHILY.xattr.user.a', 'value')),
      rawMember({ name: 'first' }),
      rawMember({ typeflag: 'L' }, 'second'),
      rawMember({}),
      END,
    ]);
    async function* reusing() {
      const buffer = Buffer.alloc(512);
      for await (const chunk of inChunks(tar, 512)) {
        buffer.set(chunk);
        yield buffer;
      }
    }

    const found: TarMember[] = [];
    for await (const entry of readTar(reusing())) found.push(entry);

    expect(found.map(({ rawPath }) => Buffer.from(rawPath).toString())).toEqual(['first', 'second']);
    expect(Buffer.from(found[0]!.pax.get('SCHILY.xattr.user.a')!).toString()).toBe('value');
  });

  it('skips what is left of a body', async () => {
    const tar = Buffer.concat([rawMember({ name: 'a' }, 'x'.repeat(3000)), rawMember({ name: 'b' }, 'y'), END]);

    const paths: string[] = [];
    for await (const entry of readTar(inChunks(tar))) {
      paths.push(entry.path);
      if (entry.path === 'a') for await (const _chunk of entry.body) break;
    }

    expect(paths).toEqual(['a', 'b']);
  });

  it('refuses to give a body late or twice', async () => {
    const entries: TarMember[] = [];
    for await (const entry of readTar(inChunks(Buffer.concat([rawMember({}, 'a'), END])))) {
      await collect(entry.body);
      await expect(async () => collect(entry.body)).rejects.toMatchObject({
        detail: { reason: 'tar-body-read-twice' },
      });
    }
    for await (const entry of readTar(inChunks(Buffer.concat([rawMember({}, 'a'), END])))) entries.push(entry);

    await expect(collect(entries[0]!.body)).rejects.toMatchObject({ detail: { reason: 'tar-body-read-late' } });
  });

  it('reads its input to the end, and closes it when the consumer stops', async () => {
    let readBytes = 0;
    let isClosed = false;
    async function* observed(bytes: Uint8Array) {
      try {
        for await (const chunk of inChunks(bytes, 512)) {
          readBytes += chunk.length;
          yield chunk;
        }
      } finally {
        isClosed = true;
      }
    }
    const tar = Buffer.concat([rawMember({}, 'a'), END, Buffer.alloc(8192), Buffer.from('trailing')]);

    for await (const entry of readTar(observed(tar))) expect(entry.path).toBe('file');
    expect(readBytes).toBe(tar.length);

    isClosed = false;
    for await (const entry of readTar(observed(tar))) {
      expect(entry.path).toBe('file');
      break;
    }
    expect(isClosed).toBe(true);
  });

  describe('dialects', () => {
    it('joins prefix and name of ustar, not of GNU headers, and the shorter prefix of star', async () => {
      expect((await readOne(rawMember({ prefix: 'some/dir', name: 'f' }))).path).toBe('some/dir/f');
      expect((await readOne(rawMember({ prefix: '12345670123', name: 'f', magic: 'ustar  \0' }))).path).toBe('f');
      expect((await readOne(rawMember({ prefix: 'p'.repeat(131) + '1234', name: 'f', trailer: 'tar\0' }))).path).toBe(
        `${'p'.repeat(131)}/f`,
      );
    });

    it('reads version 7 headers: no magic, NUL type, directories by their slash', async () => {
      expect((await readOne(rawMember({ name: 'd/', typeflag: '\0', magic: '' }))).type).toBe('directory');
      expect((await readOne(rawMember({ name: 'f', typeflag: '\0', magic: '' }, 'x'))).type).toBe('file');
    });

    it('reads GNU long names and long links', async () => {
      const entry = await readOne(
        rawMember({ name: '././@LongLink', typeflag: 'K' }, `${'t'.repeat(300)}\0`),
        rawMember({ name: '././@LongLink', typeflag: 'L' }, `${'n'.repeat(200)}\0`),
        rawMember({ name: 'n', typeflag: '2', linkname: 't' }),
      );

      expect([entry.path, entry.linkname]).toEqual(['n'.repeat(200), 't'.repeat(300)]);
    });

    it('lets PAX records replace header fields, and keeps them as bytes', async () => {
      const capability = Uint8Array.of(1, 0, 0, 2, 0xff, 0xfe, 0x0a);
      const records = Buffer.concat([
        paxRecord('path', 'räksmörgås'),
        paxRecord('mtime', '-1.25'),
        paxRecord('uid', '4294967295'),
        paxRecord('size', '3'),
        paxRecord('uname', 'zoë'),
        paxRecord('SCHILY.xattr.security.capability', capability),
      ]);

      const entry = await readOne(
        rawMember({ typeflag: 'x' }, records),
        Buffer.concat([rawHeader({ name: 'r', size: 0 }), Buffer.from('abc'), Buffer.alloc(509)]),
      );

      expect(entry).toMatchObject({ path: 'räksmörgås', mtime: -1.25, uid: 4294967295, size: 3, uname: 'zoë' });
      expect(entry.pax.get('SCHILY.xattr.security.capability')).toEqual(capability);
    });

    it('keeps the bytes of a path that is not UTF-8', async () => {
      const entry = await readOne(rawMember({ name: Uint8Array.of(0x66, 0xe9) }));

      expect([entry.path, Buffer.from(entry.rawPath)]).toEqual(['f\u{fffd}', Buffer.from([0x66, 0xe9])]);
    });

    it('lets a global header hold until a member says otherwise', async () => {
      const found = await read(
        Buffer.concat([
          rawMember({ typeflag: 'g' }, Buffer.concat([paxRecord('mtime', '7'), paxRecord('comment', 'abc')])),
          rawMember({ name: 'a' }),
          rawMember({ typeflag: 'x' }, paxRecord('mtime', '8')),
          rawMember({ name: 'b' }),
          rawMember({ typeflag: 'x' }, paxRecord('mtime', '')),
          rawMember({ name: 'c', mtime: '00000000011' }),
          rawMember({ typeflag: 'g' }, paxRecord('mtime', '10')),
          rawMember({ name: 'd' }),
          END,
        ]),
      );

      expect(found.map(({ entry }) => entry.mtime)).toEqual([7, 8, 9, 10]);
      expect(found[0]!.entry.globalPax.get('comment')).toEqual(new TextEncoder().encode('abc'));
    });

    it('reads base-256 numbers, negative only as a time', async () => {
      const negative = Buffer.alloc(12, 0xff);
      negative[11] = 0xfe;
      expect((await readOne(rawMember({ mtime: negative }))).mtime).toBe(-2);

      const uid = Buffer.from([0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xfe]);
      expect((await readOne(rawMember({ uid }))).uid).toBe(4294967294);
    });

    it('ignores the size of members that have no body, as the runtimes do', async () => {
      const found = await read(
        Buffer.concat([
          rawHeader({ name: 'l', typeflag: '1', linkname: 'a', size: 4096 }),
          rawMember({ name: 'b' }, 'x'),
          END,
        ]),
      );

      expect(found.map(({ entry, text }) => [entry.path, entry.size, text])).toEqual([
        ['l', 0, ''],
        ['b', 1, 'x'],
      ]);
    });

    it('names a type that it does not know', async () => {
      expect(await readOne(rawMember({ typeflag: 'V', name: 'volume' }))).toMatchObject({
        type: 'other',
        typeflag: 'V',
      });
    });

    it('accepts a checksum over signed bytes', async () => {
      const name = Uint8Array.of(0xe9);
      const unsigned = Number.parseInt(rawHeader({ name }).toString('latin1', 148, 154), 8);
      const checksum = `${(unsigned - 256).toString(8).padStart(6, '0')}\0 `;

      expect(Buffer.from((await readOne(rawMember({ name, checksum }))).rawPath)).toEqual(Buffer.from(name));
    });
  });

  describe('hostile input', () => {
    it.each([
      ['/etc/passwd', true],
      ['../up', true],
      ['a/../../b', true],
      ['a/..', true],
      ['..', true],
      ['C:evil', true],
      ['c:/evil', true],
      ['\\\\server\\share', true],
      ['a\\..\\b', true],
      ['./a', false],
      ['a..b/..c', false],
      ['.wh..wh..opq', false],
    ])('flags the path %s: %s', async (name, expected) => {
      expect((await readOne(rawMember({ name }))).isUnsafePath).toBe(expected);
    });

    it('flags a NUL that only PAX can carry, and an empty path', async () => {
      const withNul = await readOne(rawMember({ typeflag: 'x' }, paxRecord('path', 'a\0b')), rawMember({}));

      expect([withNul.path, withNul.isUnsafePath]).toEqual(['a\0b', true]);
      expect((await readOne(rawMember({ name: Uint8Array.of(0) }))).isUnsafePath).toBe(true);
    });

    it('refuses a tar that was cut, wherever, and says where it ends', async () => {
      const tar = Buffer.concat([
        rawMember({ typeflag: 'x' }, paxRecord('mtime', '1')),
        rawMember({ name: 'a' }, 'x'.repeat(700)),
        rawMember({ name: 'b' }, ''),
        END,
      ]);
      const complete = tar.length - 1024;

      for (let length = 0; length <= tar.length; length += 128) {
        const outcome = await refusal(tar.subarray(0, length));
        if (length === complete + 512 || length === tar.length) expect(outcome).toBe('read');
        else expect(outcome, `cut at ${length}`).toMatchObject(invalid({ reason: 'truncated', offset: length }));
      }
    });

    it('takes a tar without end marker on request, but only between members', async () => {
      const tar = rawMember({ name: 'a' }, 'x'.repeat(700));

      expect(await read(tar, { endMarker: 'optional' })).toHaveLength(1);
      expect(await refusal(tar.subarray(0, 1024), { endMarker: 'optional' })).toMatchObject(
        invalid({ reason: 'truncated' }),
      );
      expect(await refusal(rawMember({ typeflag: 'x' }, paxRecord('a', 'b')), { endMarker: 'optional' })).toMatchObject(
        invalid({ reason: 'extended-header-without-entry', offset: 1024 }),
      );
    });

    it.each<[string, Uint8Array]>([
      ['header-checksum', rawMember({ checksum: '000000\0 ' })],
      ['header-checksum', rawMember({ checksum: 'zzzzzz\0 ' })],
      ['header-checksum', Buffer.alloc(512, 0x41)],
      ['header-number', rawHeader({ size: '0000000009a' })],
      ['header-number', rawHeader({ size: '-0000000001' })],
      ['header-number', rawHeader({ size: '0x000000010' })],
      ['header-number-negative', rawHeader({ size: Buffer.alloc(12, 0xff) })],
      ['header-number-negative', rawHeader({ uid: Buffer.alloc(8, 0xff) })],
      ['header-number-too-large', rawHeader({ size: Buffer.from([0x80, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0]) })],
      ['header-number-too-large', rawHeader({ size: Buffer.from([0xbf, ...Buffer.alloc(11, 0xff)]) })],
      ['truncated', rawHeader({ size: Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff]) })],
      ['limit', rawHeader({ size: Buffer.from([0x80, 0, 0, 0, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]) })],
      ['truncated', rawHeader({ size: '77777777777' })],
      ['limit', rawHeader({ typeflag: 'x', size: '77777777777' })],
      ['limit', rawHeader({ typeflag: 'L', size: 1024 * 1024 + 1 })],
      ['limit', Buffer.concat([rawMember({ typeflag: 'L' }, 'n'.repeat(5000)), rawMember({})])],
      ['limit', Buffer.concat([rawMember({ typeflag: 'x' }, paxRecord('linkpath', 'n'.repeat(5000))), rawMember({})])],
      ['pax-record', rawMember({ typeflag: 'x' }, '99 a=b\n')],
      ['pax-record', rawMember({ typeflag: 'g' }, 'a=b\n')],
      ['pax-number', Buffer.concat([rawMember({ typeflag: 'x' }, paxRecord('size', '-1')), rawMember({})])],
      ['pax-number', Buffer.concat([rawMember({ typeflag: 'x' }, paxRecord('size', '1.5')), rawMember({})])],
      [
        'pax-number',
        Buffer.concat([rawMember({ typeflag: 'x' }, paxRecord('size', '9007199254740992')), rawMember({})]),
      ],
      ['pax-number', Buffer.concat([rawMember({ typeflag: 'x' }, paxRecord('mtime', '1e3')), rawMember({})])],
      ['pax-global-path', rawMember({ typeflag: 'g' }, paxRecord('path', 'evil'))],
      ['pax-global-path', rawMember({ typeflag: 'g' }, paxRecord('size', '0'))],
      ['sparse-unsupported', rawMember({ typeflag: 'S' })],
      [
        'sparse-unsupported',
        Buffer.concat([rawMember({ typeflag: 'x' }, paxRecord('GNU.sparse.major', '1')), rawMember({})]),
      ],
      ['extended-header-without-entry', rawMember({ typeflag: 'x' }, paxRecord('path', 'a'))],
      [
        'extended-header-repeated',
        Buffer.concat([rawMember({ typeflag: 'x' }), rawMember({ typeflag: 'x' }), rawMember({})]),
      ],
      [
        'extended-header-repeated',
        Buffer.concat([rawMember({ typeflag: 'L' }, 'a'), rawMember({ typeflag: 'L' }, 'b')]),
      ],
      ['extended-header-conflict', Buffer.concat([rawMember({ typeflag: 'L' }, 'a'), rawMember({ typeflag: 'x' })])],
      ['extended-header-conflict', Buffer.concat([rawMember({ typeflag: 'x' }), rawMember({ typeflag: 'K' }, 'a')])],
      ['lone-zero-block', Buffer.concat([rawMember({}), Buffer.alloc(512), rawMember({})])],
    ])('refuses with %s (case %#)', async (reason, bytes) => {
      expect(await refusal(Buffer.concat([bytes, END]))).toMatchObject(invalid({ reason }));
    });

    it('refuses a bomb of extended headers: many records in one, many global headers, many headers', async () => {
      const manyRecords = Buffer.concat(Array.from({ length: 1025 }, (_, index) => paxRecord(`k${index}`, '')));
      const globals = Array.from({ length: 1025 }, (_, index) =>
        rawMember({ typeflag: 'g' }, paxRecord(`k${index}`, 'v')),
      );
      const empty = Buffer.concat(Array.from({ length: 1001 }, () => rawMember({ typeflag: 'g' })));

      expect(await refusal(rawMember({ typeflag: 'x' }, manyRecords))).toMatchObject(
        invalid({ reason: 'pax-records-limit' }),
      );
      expect(await refusal(Buffer.concat(globals))).toMatchObject(invalid({ reason: 'pax-records-limit' }));
      expect(await refusal(empty, { maxEntries: 1000 })).toMatchObject(
        invalid({ reason: 'limit', limit: 'maxEntries' }),
      );
    });

    it('keeps to the limits of the caller', async () => {
      const tar = Buffer.concat([
        rawMember({ name: 'abc' }, 'x'.repeat(600)),
        rawMember({ name: 'b' }, 'x'.repeat(600)),
        END,
      ]);

      expect(await read(tar, { maxEntries: 2, maxEntrySize: 600, maxTotalSize: 1200, maxPathLength: 3 })).toHaveLength(
        2,
      );
      expect(await refusal(tar, { maxEntries: 1 })).toMatchObject(
        invalid({ limit: 'maxEntries', value: 1, offset: 1536 }),
      );
      expect(await refusal(tar, { maxEntrySize: 599 })).toMatchObject(invalid({ limit: 'maxEntrySize', path: 'abc' }));
      expect(await refusal(tar, { maxTotalSize: 1199 })).toMatchObject(invalid({ limit: 'maxTotalSize' }));
      expect(await refusal(tar, { maxPathLength: 2 })).toMatchObject(invalid({ limit: 'maxPathLength' }));
    });

    it('answers any damage with a refusal of its own or with members, and always comes to an end', async () => {
      const tar = Buffer.concat([
        rawMember({ typeflag: 'g' }, paxRecord('comment', 'c')),
        rawMember({ typeflag: 'x' }, Buffer.concat([paxRecord('path', 'long/name'), paxRecord('mtime', '1.5')])),
        rawMember({ name: 'a' }, 'x'.repeat(600)),
        rawMember({ typeflag: 'L' }, 'gnu-name\0'),
        rawMember({ name: 'b', typeflag: '2', linkname: 'a' }),
        END,
      ]);
      const damage = fc.array(fc.tuple(fc.nat({ max: tar.length - 1 }), fc.nat({ max: 255 })), {
        minLength: 1,
        maxLength: 4,
      });

      await fc.assert(
        fc.asyncProperty(damage, fc.boolean(), async (changes, repairsChecksums) => {
          const damaged = Buffer.from(tar);
          for (const [at, byte] of changes) damaged[at] = byte;
          if (repairsChecksums) for (const [at] of changes) repairChecksum(damaged, at - (at % 512));
          const outcome = await refusal(damaged);
          if (outcome !== 'read') expect(outcome).toMatchObject({ code: 'ARCHIVE_INVALID' });
        }),
        { numRuns: 1500 },
      );
    });

    it('bounds what stands behind the end marker', async () => {
      const tar = Buffer.concat([END, Buffer.alloc(5000)]);

      expect(await refusal(tar, { maxTotalSize: 5000 })).toBe('read');
      expect(await refusal(tar, { maxTotalSize: 4000 })).toMatchObject(
        invalid({ reason: 'limit', limit: 'maxTotalSize' }),
      );
    });
  });
});
