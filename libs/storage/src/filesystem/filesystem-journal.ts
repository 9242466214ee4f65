import { randomUUID } from 'node:crypto';
import { open, readFile, stat, unlink } from 'node:fs/promises';
import { ArchiveError } from '@envarium/errors';
import { JOURNAL_ENTRY_LIMIT, type Journal, type JournalRecord } from '../journal.js';
import { JOURNAL, STAGING, journalIdOfKey, journalKey } from '../layout.js';
import type { DurableTree } from './durable-tree.js';
import { onFileSystem, orNull } from './file-errors.js';

const ENTRY_MODE = 0o444;

export class FilesystemJournal implements Journal {
  readonly #tree: DurableTree;

  constructor(tree: DurableTree) {
    this.#tree = tree;
  }

  async append({ id, body }: JournalRecord): Promise<void> {
    const key = journalKey(id);
    if (body.length > JOURNAL_ENTRY_LIMIT) throw new ArchiveError('BODY_TOO_LARGE', { limit: JOURNAL_ENTRY_LIMIT });
    await onFileSystem({ id }, async () => {
      const present = await orNull(this.#read(key));
      if (present !== null && !present.equals(body)) throw new ArchiveError('JOURNAL_CONFLICT', { id });
      // Written again even when present: an entry whose writer crashed may not be on the disk yet.
      await this.#write(key, body);
    });
  }

  async *ids(): AsyncGenerator<string> {
    for (const year of await this.#names(JOURNAL)) {
      for (const month of await this.#names(`${JOURNAL}/${year}`)) {
        for (const name of await this.#names(`${JOURNAL}/${year}/${month}`)) {
          const id = journalIdOfKey(`${JOURNAL}/${year}/${month}/${name}`);
          if (id !== null) yield id;
        }
      }
    }
  }

  async read(id: string): Promise<Buffer | null> {
    const key = journalKey(id);
    return await onFileSystem({ id }, async () => await orNull(this.#read(key)));
  }

  async *entries(): AsyncGenerator<{ id: string; body: Buffer }> {
    for await (const id of this.ids()) {
      const body = await this.read(id);
      if (body !== null) yield { id, body };
    }
  }

  async #write(key: string, body: Uint8Array): Promise<void> {
    const stagingKey = `${STAGING}/${randomUUID()}.entry`;
    const handle = await open(this.#tree.path(stagingKey), 'wx', ENTRY_MODE);
    try {
      await handle.writeFile(body);
      await handle.sync();
      await this.#tree.move(stagingKey, key);
    } catch (error) {
      await unlink(this.#tree.path(stagingKey)).catch(() => undefined);
      throw error;
    } finally {
      await handle.close();
    }
  }

  async #read(key: string): Promise<Buffer> {
    const file = this.#tree.path(key);
    const { size } = await stat(file);
    if (size > JOURNAL_ENTRY_LIMIT) throw new ArchiveError('BODY_TOO_LARGE', { key, limit: JOURNAL_ENTRY_LIMIT });
    return await readFile(file);
  }

  async #names(key: string): Promise<string[]> {
    return await onFileSystem({}, () => this.#tree.names(key));
  }
}
