import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BERKELEY, BERKELEY_BIG, BERKELEY_LITTLE } from './__fixtures__/rpm-databases.js';
import { berkeleyHashItems } from './berkeley-hash.js';
import { NotUnderstood } from './package-source.js';
import { RPM_BERKELEY } from './rpm.js';

const PAGE = 512;
const [BUCKET, OVERFLOW] = [13, 7];

/** @returns where the pages of a type begin */
function pagesOf(bytes: Buffer, type: number): number[] {
  const starts = Array.from({ length: bytes.length / PAGE - 1 }, (_, i) => (i + 1) * PAGE);
  return starts.filter((start) => bytes[start + 25] === type);
}

/** A bucket that holds packages, and how its first value is written. */
function filledBucket(bytes: Buffer): { start: number; value: number } {
  for (const start of pagesOf(bytes, BUCKET)) {
    const value = start + bytes.readUInt16LE(start + 28);
    if (bytes.readUInt16LE(start + 20) > 0 && bytes[value] === 3) return { start, value };
  }
  throw new Error('no such bucket');
}

function changed(original: Buffer, change: (bytes: Buffer) => Buffer | void): Buffer {
  const bytes = Buffer.from(original);
  return change(bytes) ?? bytes;
}

const [firstLong = 0, secondLong = 0] = pagesOf(BERKELEY_LITTLE, OVERFLOW);
const { start: bucket, value: longValue } = filledBucket(BERKELEY_LITTLE);

describe('comparison/images/packages/berkeley-hash', () => {
  it.each([
    ['what rpm wrote', BERKELEY],
    ['buckets in many groups, some of them never written', BERKELEY_LITTLE],
  ])('reads %s, and leaves the key out', (_, database) => {
    const packages = RPM_BERKELEY.read(database) ?? [];

    expect(
      packages.map(({ name, version, qualifiers }) => `${name} ${version} ${qualifiers?.['arch']}`).toSorted(),
    ).toEqual([
      'alder-3.11 3.11.4^git1-1.fc33 noarch',
      'larch 5.2.26-1.el8 noarch',
      'rowan 1.0-1 noarch',
      'spruce-libs 2:4.14.0-2.el8 noarch',
      'willow 0.3.21~rc1-6.el8 noarch',
    ]);
  });

  it('reads what a machine of the other order of bytes wrote, over a chain of pages', () => {
    const packages = RPM_BERKELEY.read(BERKELEY_BIG) ?? [];

    expect(packages).toHaveLength(31);
    expect(packages.filter(({ name }) => !name.startsWith('seed'))).toMatchObject([{ name: 'alder-3.11' }]);
    expect(packages.filter(({ name }) => name === 'seed29')).toEqual([
      { ecosystem: 'rpm', name: 'seed29', version: '1.29-1' },
    ]);
  });

  it.each([7, 8, 9])('reads pages of version %d', (version) => {
    const bytes = changed(BERKELEY_LITTLE, (copy) => {
      copy.writeUInt32LE(version, 16);
      // The items of a page have an order since version 9.
      if (version < 9) for (const start of pagesOf(copy, BUCKET)) copy[start + 25] = 2;
    });

    expect(RPM_BERKELEY.read(bytes)).toHaveLength(5);
  });

  it.each<[string, (bytes: Buffer) => Buffer | void, string]>([
    ['a file of zeros', (bytes) => bytes.fill(0), 'it is no hash table of a Berkeley DB'],
    ['a tree', (bytes) => void bytes.writeUInt32LE(0x05_3162, 12), 'it is no hash table of a Berkeley DB'],
    ['a few bytes', (bytes) => bytes.subarray(0, 100), 'it is too short for a Berkeley DB'],
    ['an older version', (bytes) => void bytes.writeUInt32LE(6, 16), 'its pages are of version 6 of Berkeley DB'],
    [
      'encryption',
      (bytes) => void bytes.writeUInt8(1, 24),
      'it is encrypted, partitioned or has checksums, as rpm writes none',
    ],
    ['pages of a strange size', (bytes) => void bytes.writeUInt32LE(1000, 20), '1000 is no size of its pages'],
    ['groups of buckets nowhere', (bytes) => void bytes.fill(0, 96, 224), 'page 0 is named, and there is none'],
    ['more buckets than there are pages', (bytes) => void bytes.fill(0xff, 72, 76), 'page 16 is named twice'],
    [
      'a group of buckets outside the file',
      (bytes) => void bytes.writeUInt32LE(0xffff_ffff, 96),
      'page 4294967295 is named, and there is none',
    ],
    [
      'a chain in a circle',
      (bytes) => void bytes.writeUInt32LE(bucket / PAGE, bucket + 16),
      `page ${bucket / PAGE} is named twice`,
    ],
    [
      'a page of another number',
      (bytes) => void bytes.writeUInt32LE(77, bucket + 8),
      `page ${bucket / PAGE} calls itself 77`,
    ],
    [
      'a page of another kind',
      (bytes) => void bytes.writeUInt8(5, bucket + 25),
      `page ${bucket / PAGE} is none of a bucket`,
    ],
    ['half an item', (bytes) => void bytes.writeUInt16LE(3, bucket + 20), `page ${bucket / PAGE} has 3 items`],
    [
      'an item outside its page',
      (bytes) => void bytes.writeUInt16LE(PAGE, bucket + 26),
      `an item leaves page ${bucket / PAGE}`,
    ],
    [
      'several values under one key',
      (bytes) => void bytes.writeUInt8(2, longValue),
      `page ${bucket / PAGE} has an item of a kind that rpm does not write`,
    ],
    [
      'a long item in a circle',
      (bytes) => void bytes.writeUInt32LE(firstLong / PAGE, firstLong + 16),
      `page ${firstLong / PAGE} is named twice`,
    ],
    [
      'a long item that ends too early',
      (bytes) => void bytes.writeUInt32LE(0, secondLong + 16),
      'page 0 is named, and there is none',
    ],
    [
      'a part with more than fits in its page',
      (bytes) => void bytes.writeUInt16LE(PAGE, firstLong + 22),
      `page ${firstLong / PAGE} is no part of a long item`,
    ],
    [
      'an item of gigabytes',
      (bytes) => void bytes.writeUInt32LE(0xffff_fff0, longValue + 8),
      'an item of 4294967280 bytes is longer than the file',
    ],
    [
      'half a file',
      (bytes) => bytes.subarray(0, bytes.length / 2),
      expect.stringMatching(/^page \d+ is named, and there is none$/),
    ],
  ])('refuses %s', (_, change, because) => {
    expect(() => [...berkeleyHashItems(changed(BERKELEY_LITTLE, change))]).toThrow(
      expect.objectContaining({ name: 'NotUnderstood', message: because }),
    );
  });

  it.each([BERKELEY, BERKELEY_LITTLE, BERKELEY_BIG])('comes to an end with any damage', (database) => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(database.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 }),
        fc.nat(database.length),
        (changes, length) => {
          const broken = Buffer.from(database);
          for (const [at, byte] of changes) broken[at] = byte;

          try {
            const packages = RPM_BERKELEY.read(broken.subarray(0, length % 2 === 0 ? database.length : length));
            expect(Array.isArray(packages)).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(NotUnderstood);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
