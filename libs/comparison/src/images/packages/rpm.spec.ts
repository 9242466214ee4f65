import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listingOf, member } from '../__fixtures__/test-image.js';
import { RPMDB } from './__fixtures__/rpmdb.js';
import { NotUnderstood } from './package-source.js';
import { RPM_SQLITE } from './rpm.js';
import { readSqliteTable } from './sqlite-table.js';

describe('comparison/images/packages/rpm', () => {
  it('reads every package of a database whose rows lie on many pages', () => {
    const packages = RPM_SQLITE.read(RPMDB) ?? [];

    expect(packages).toHaveLength(33);
    expect(packages.slice(0, 3)).toEqual([
      { ecosystem: 'rpm', name: 'bash', version: '5.2.26-1.fc39', qualifiers: { arch: 'x86_64' } },
      { ecosystem: 'rpm', name: 'openblas', version: '0.3.21-6.fc39', qualifiers: { arch: 'x86_64' } },
      { ecosystem: 'rpm', name: 'shadow-utils', version: '2:4.14.0-2.fc39', qualifiers: { arch: 'x86_64' } },
    ]);
    expect(packages.at(-1)).toMatchObject({ name: 'lib29', version: '1.29-1' });
  });

  it('leaves out the keys that stand among the packages', () => {
    expect(RPM_SQLITE.read(RPMDB)?.map(({ name }) => name)).not.toContain('gpg-pubkey');
  });

  it('finds the database in an image, and doubts it beside changes that are not in it yet', async () => {
    const database = { path: 'usr/lib/sysimage/rpm/rpmdb.sqlite', size: RPMDB.length, body: RPMDB };

    const whole = await listingOf([[database, member('usr/lib/sysimage/rpm/rpmdb.sqlite-wal', '')]]);
    const doubtful = await listingOf([[database, member('usr/lib/sysimage/rpm/rpmdb.sqlite-wal', 'pages')]]);

    expect([whole.packages.length, whole.unreadPackages]).toEqual([33, []]);
    expect(doubtful.unreadPackages).toEqual([
      { path: 'usr/lib/sysimage/rpm/rpmdb.sqlite-wal', reason: 'rpm-database' },
    ]);
  });

  it('does not repeat rows that lie over each other', () => {
    const bytes = Buffer.from(RPMDB);
    const leaf = Array.from({ length: bytes.length / 512 }, (_, i) => i * 512).findLast(
      (start) => bytes[start] === 0x0d,
    );
    if (leaf === undefined) throw new Error('no leaf');
    const first = bytes.readUInt16BE(leaf + 8);
    // As many cells as fit before the first, and all of them there.
    const cells = Math.floor((first - 8) / 2);
    bytes.writeUInt16BE(cells, leaf + 3);
    for (let i = 0; i < cells; i++) bytes.writeUInt16BE(first, leaf + 8 + 2 * i);

    expect(readSqliteTable(bytes, 'Packages')).toBeNull();
  });

  it('has no answer for a table that is not there', () => {
    expect(readSqliteTable(RPMDB, 'Providers')).toBeNull();
  });

  it('comes to an end with any damage', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(RPMDB.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 }),
        fc.nat(RPMDB.length),
        (changes, length) => {
          const broken = Buffer.from(RPMDB);
          for (const [at, byte] of changes) broken[at] = byte;

          try {
            const found = RPM_SQLITE.read(broken.subarray(0, RPMDB.length - (length % 2 === 0 ? 0 : length)));
            expect(Array.isArray(found)).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(NotUnderstood);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});
