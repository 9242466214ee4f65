/** A journal entry is one small JSON document; anything larger is a mistake, on the way in and on the way out. */
export const JOURNAL_ENTRY_LIMIT = 4 * 1024 * 1024;

export interface JournalRecord {
  /** ULID. It decides the order of the journal and the folder of the entry. */
  readonly id: string;
  readonly body: Uint8Array;
}

/** Facts that are not content, append-only. */
export interface Journal {
  /**
   * Durable when it resolves. Repeating an entry is harmless.
   * @throws ArchiveError REQUEST_INVALID when `id` is not a ULID; JOURNAL_CONFLICT when the id stands for other bytes;
   *   BODY_TOO_LARGE
   */
  append(entry: JournalRecord): Promise<void>;

  /** Ids of all entries, in order; reads none of them. */
  ids(): AsyncIterable<string>;

  /** @throws ArchiveError REQUEST_INVALID when `id` is not a ULID */
  read(id: string): Promise<Buffer | null>;

  /** All entries in the order of their ids. Things in the journal that are no entries are passed over. */
  entries(): AsyncIterable<{ id: string; body: Buffer }>;
}
