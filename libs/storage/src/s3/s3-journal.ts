import { ArchiveError } from '@envarium/errors';
import { JOURNAL_ENTRY_LIMIT, type Journal, type JournalRecord } from '../journal.js';
import { JOURNAL, journalIdOfKey, journalKey } from '../layout.js';
import type { S3Bucket } from './s3-bucket.js';

export class S3Journal implements Journal {
  readonly #bucket: S3Bucket;

  constructor(bucket: S3Bucket) {
    this.#bucket = bucket;
  }

  async append({ id, body }: JournalRecord): Promise<void> {
    const key = journalKey(id);
    if (body.length > JOURNAL_ENTRY_LIMIT) throw new ArchiveError('BODY_TOO_LARGE', { limit: JOURNAL_ENTRY_LIMIT });
    const present = await this.#bucket.readSmall(key, JOURNAL_ENTRY_LIMIT);
    if (present === null) return await this.#bucket.write(key, Buffer.from(body));
    if (!present.equals(body)) throw new ArchiveError('JOURNAL_CONFLICT', { id });
  }

  async *ids(): AsyncGenerator<string> {
    for await (const { key } of this.#bucket.list(`${JOURNAL}/`)) {
      const id = journalIdOfKey(key);
      if (id !== null) yield id;
    }
  }

  async read(id: string): Promise<Buffer | null> {
    return await this.#bucket.readSmall(journalKey(id), JOURNAL_ENTRY_LIMIT);
  }

  async *entries(): AsyncGenerator<{ id: string; body: Buffer }> {
    for await (const id of this.ids()) {
      const body = await this.read(id);
      if (body !== null) yield { id, body };
    }
  }
}
