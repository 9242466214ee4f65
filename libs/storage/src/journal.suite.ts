import { describe, expect, it } from 'vitest';
import type { Store } from './store.js';
import { expectFailure, type StoreFixture } from './store.suite.js';

// Milliseconds since 1970 are in the first ten characters: 2024-06-01, 2024-06-30 and 2025-01-01.
const JUNE = '01HZ8W0G00000000000000000A';
const LATER_IN_JUNE = '01J1KP6400000000000000000B';
const JANUARY = '01JGFJJZ000000000000000000';

export function describeJournal(current: () => { fixture: StoreFixture; store: Store }): void {
  describe('journal', () => {
    it('gives the entries in the order of their ids, whatever the order they came in', async () => {
      const { fixture, store } = current();
      for (const id of [JANUARY, LATER_IN_JUNE, JUNE]) await store.journal.append({ id, body: Buffer.from(`"${id}"`) });

      const entries: { id: string; body: string }[] = [];
      for await (const { id, body } of (await fixture.open()).journal.entries()) {
        entries.push({ id, body: body.toString() });
      }

      expect(entries).toEqual([
        { id: JUNE, body: `"${JUNE}"` },
        { id: LATER_IN_JUNE, body: `"${LATER_IN_JUNE}"` },
        { id: JANUARY, body: `"${JANUARY}"` },
      ]);
      expect(await fixture.staged()).toEqual([]);
    });

    it('lists ids without reading, and reads one entry', async () => {
      const { store } = current();
      for (const id of [JANUARY, JUNE]) await store.journal.append({ id, body: Buffer.from(`"${id}"`) });

      const ids: string[] = [];
      for await (const id of store.journal.ids()) ids.push(id);

      expect(ids).toEqual([JUNE, JANUARY]);
      expect((await store.journal.read(JUNE))?.toString()).toBe(`"${JUNE}"`);
      expect(await store.journal.read(LATER_IN_JUNE)).toBeNull();
      await expectFailure(store.journal.read('../oci-layout'), 'REQUEST_INVALID', { field: 'id' });
    });

    it('takes the same entry twice', async () => {
      const { store } = current();
      const entry = { id: JUNE, body: Buffer.from('{}') };

      await store.journal.append(entry);
      await store.journal.append(entry);

      const ids: string[] = [];
      for await (const { id } of store.journal.entries()) ids.push(id);
      expect(ids).toEqual([JUNE]);
    });

    it('refuses other bytes under the same id, and keeps the first', async () => {
      const { store } = current();
      await store.journal.append({ id: JUNE, body: Buffer.from('{"first":true}') });

      const second = store.journal.append({ id: JUNE, body: Buffer.from('{"second":true}') });

      await expectFailure(second, 'JOURNAL_CONFLICT', { id: JUNE });
      const bodies: string[] = [];
      for await (const { body } of store.journal.entries()) bodies.push(body.toString());
      expect(bodies).toEqual(['{"first":true}']);
    });

    it.each(['', 'not-a-ulid', JUNE.toLowerCase(), '../../../oci-layout0000000'])('refuses the id "%s"', async (id) => {
      const { store } = current();

      await expectFailure(store.journal.append({ id, body: Buffer.from('{}') }), 'REQUEST_INVALID', { field: 'id' });
    });

    it('refuses an entry of more than 4 MiB', async () => {
      const { store } = current();
      const body = Buffer.alloc(4 * 1024 * 1024 + 1, 32);

      await expectFailure(store.journal.append({ id: JUNE, body }), 'BODY_TOO_LARGE', { limit: 4_194_304 });
    });
  });
}
