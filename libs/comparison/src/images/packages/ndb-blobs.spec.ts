import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NDB } from './__fixtures__/rpm-databases.js';
import { ndbBlobs } from './ndb-blobs.js';
import { NotUnderstood } from './package-source.js';
import { RPM_NDB } from './rpm.js';

const [HEAD, SLOT] = [32, 16];
/** Where the blob of package 1 begins: behind one page of slots. */
const BLOB = 4096;

function changed(change: (bytes: Buffer) => Buffer | void): Buffer {
  const bytes = Buffer.from(NDB);
  return change(bytes) ?? bytes;
}

describe('comparison/images/packages/ndb-blobs', () => {
  it('reads what rpm installed, and leaves the key out', () => {
    const packages = RPM_NDB.read(NDB) ?? [];

    expect(packages.map(({ name, version, qualifiers }) => `${name} ${version} ${qualifiers?.['arch']}`)).toEqual([
      'alder-3.11 3.11.4^git1-1.fc33 noarch',
      'larch 5.2.26-1.el8 noarch',
      'rowan 1.0-1 noarch',
      'spruce-libs 2:4.14.0-2.el8 noarch',
      'willow 0.3.21~rc1-6.el8 noarch',
    ]);
  });

  it('has no packages where every slot is free', () => {
    const bytes = changed((copy) => {
      for (let at = HEAD; at < BLOB; at += SLOT) copy.fill(0, at + 4, at + SLOT);
    });

    expect(RPM_NDB.read(bytes)).toEqual([]);
  });

  it.each<[string, (bytes: Buffer) => Buffer | void, string]>([
    ['another file', (bytes) => void bytes.write('SQLi'), 'it is no NDB database'],
    ['a few bytes', (bytes) => bytes.subarray(0, 100), 'it is no NDB database'],
    ['another version', (bytes) => void bytes.writeUInt32LE(1, 4), 'it is of version 1 of NDB'],
    ['no page of slots', (bytes) => void bytes.writeUInt32LE(0, 12), 'it is cut'],
    ['more pages of slots than there are', (bytes) => void bytes.writeUInt32LE(0xffff_ffff, 12), 'it is cut'],
    ['half a block', (bytes) => bytes.subarray(0, -1), 'it is cut'],
    ['half a file', (bytes) => bytes.subarray(0, 8192), 'the slot at byte 64 leads nowhere'],
    ['slots that are none', (bytes) => void bytes.writeUInt8(0, HEAD + 2 * SLOT), 'there is no slot at byte 64'],
    ['a slot into the slots', (bytes) => void bytes.writeUInt32LE(16, HEAD + 8), 'the slot at byte 32 leads nowhere'],
    ['a slot of no package', (bytes) => void bytes.writeUInt32LE(0, HEAD + 4), 'the slot at byte 32 leads nowhere'],
    ['a slot of no blocks', (bytes) => void bytes.writeUInt32LE(0, HEAD + 12), 'package 1 has no room for a blob'],
    [
      'two slots of one blob',
      (bytes) => void bytes.copy(bytes, HEAD + SLOT, HEAD, HEAD + SLOT),
      'the blob of package 1 lies over another',
    ],
    ['a package twice', (bytes) => void bytes.writeUInt32LE(1, HEAD + SLOT + 4), 'it has package 1 twice'],
    ['a blob of another package', (bytes) => void bytes.writeUInt32LE(9, BLOB + 4), 'the blob of package 1 is broken'],
    [
      'a blob that is longer than its blocks',
      (bytes) => void bytes.writeUInt32LE(9999, BLOB + 12),
      'the blob of package 1 is broken',
    ],
    [
      'a blob with one changed bit',
      (bytes) => void bytes.writeUInt8(bytes.readUInt8(BLOB + 500) ^ 1, BLOB + 500),
      'the blob of package 1 is not what its checksum says',
    ],
  ])('refuses %s', (_, change, because) => {
    expect(() => [...ndbBlobs(changed(change))]).toThrow(
      expect.objectContaining({ name: 'NotUnderstood', message: because }),
    );
  });

  it('comes to an end with any damage', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(NDB.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 }),
        fc.nat(NDB.length),
        (changes, length) => {
          const broken = Buffer.from(NDB);
          for (const [at, byte] of changes) broken[at] = byte;

          try {
            expect(Array.isArray(RPM_NDB.read(broken.subarray(0, length % 2 === 0 ? NDB.length : length)))).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(NotUnderstood);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
