import { describe, expect, it } from 'vitest';
import type { TarInput } from '@envarium/oci';
import { listingOf, type TestLayer } from '../__fixtures__/test-image.js';
import { BERKELEY_BIG, BERKELEY_LITTLE, NDB } from './__fixtures__/rpm-databases.js';
import { RPMDB } from './__fixtures__/rpmdb.js';

const database = (path: string, body: Uint8Array): TarInput => ({ path, size: body.length, body });

async function read(...layers: TestLayer[]): Promise<{ counts: Record<string, number>; unread: unknown }> {
  const { packages, unreadPackages } = await listingOf(layers);
  const counts: Record<string, number> = {};
  for (const { path } of packages) counts[path] = (counts[path] ?? 0) + 1;
  return { counts, unread: unreadPackages };
}

describe('comparison/images/packages/rpm-databases', () => {
  it.each([
    ['var/lib/rpm/Packages', BERKELEY_LITTLE, 5],
    ['var/lib/rpm/Packages', BERKELEY_BIG, 31],
    ['usr/lib/sysimage/rpm/Packages.db', NDB, 5],
    ['usr/lib/sysimage/rpm/rpmdb.sqlite', RPMDB, 33],
    ['usr/share/rpm/rpmdb.sqlite', RPMDB, 33],
  ])('reads %s of an image', async (path, body, count) => {
    expect(await read([database(path, body)])).toEqual({ counts: { [path]: count }, unread: [] });
  });

  it('reads the one that rpm would read, and says where another does not say the same', async () => {
    const files = [
      database('var/lib/rpm/Packages', BERKELEY_BIG),
      database('var/lib/rpm/Packages.db', NDB),
      database('var/lib/rpm/rpmdb.sqlite', RPMDB),
    ];

    const because = 'rpm reads var/lib/rpm/rpmdb.sqlite';
    expect(await read(files)).toEqual({
      counts: { 'var/lib/rpm/rpmdb.sqlite': 33 },
      unread: [
        { path: 'var/lib/rpm/Packages', reason: 'other-database', because },
        { path: 'var/lib/rpm/Packages.db', reason: 'other-database', because },
      ],
    });
  });

  it('counts packages once where two databases say the same', async () => {
    const files = [
      database('var/lib/rpm/Packages', BERKELEY_LITTLE),
      database('usr/lib/sysimage/rpm/Packages.db', NDB),
    ];

    expect(await read(files)).toEqual({ counts: { 'usr/lib/sysimage/rpm/Packages.db': 5 }, unread: [] });
  });

  it('does not fall back to an old database where the new one is broken', async () => {
    const files = [
      database('var/lib/rpm/Packages', BERKELEY_LITTLE),
      database('var/lib/rpm/Packages.db', NDB.subarray(0, 8192)),
    ];

    expect(await read(files)).toEqual({
      counts: {},
      unread: [
        { path: 'var/lib/rpm/Packages', reason: 'other-database', because: 'rpm reads var/lib/rpm/Packages.db' },
        { path: 'var/lib/rpm/Packages.db', reason: 'not-understood', because: 'the slot at byte 64 leads nowhere' },
      ],
    });
  });

  it('takes a database of no bytes for none, and forgets one that an upper layer took away', async () => {
    const empty = database('var/lib/rpm/rpmdb.sqlite', Buffer.alloc(0));
    const layers: TestLayer[] = [
      [empty, database('var/lib/rpm/Packages', BERKELEY_BIG), database('var/lib/rpm/Packages.db', NDB)],
      [database('var/lib/rpm/.wh.Packages', Buffer.alloc(0))],
    ];

    expect(await read(...layers)).toEqual({ counts: { 'var/lib/rpm/Packages.db': 5 }, unread: [] });
  });

  it('says of each database why it is not understood', async () => {
    expect((await read([database('var/lib/rpm/Packages', Buffer.from('hash'))])).unread).toEqual([
      { path: 'var/lib/rpm/Packages', reason: 'not-understood', because: 'it is too short for a Berkeley DB' },
    ]);
    expect((await read([database('var/lib/rpm/rpmdb.sqlite', NDB)])).unread).toEqual([
      {
        path: 'var/lib/rpm/rpmdb.sqlite',
        reason: 'not-understood',
        because: 'it is no SQLite database with a table of packages',
      },
    ]);
  });
});
