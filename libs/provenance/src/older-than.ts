import { decodeCursor } from '@envarium/database';

/** The rows after a cursor of a list that goes from new to old. @throws ArchiveError CURSOR_INVALID */
export function olderThan(cursor: string | null): { id?: { lt: bigint } } {
  return cursor === null ? {} : { id: { lt: decodeCursor(cursor, ['bigint'])[0] } };
}
