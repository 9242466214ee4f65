import { Injectable } from '@nestjs/common';
import { ChangeFeed } from '@envarium/database';

/** Told by triggers of the database; see the migration `read_cache`. */
const CHANNEL = 'envarium_public_content';
const ENTRIES = 50_000;

/** When something was read, as the cache counts. */
export interface Reading {
  readonly generation: number;
}

/**
 * What everybody may read: repositories with a published version, and what is in them. Nothing can be taken out of those,
 * so an entry holds until a repository becomes private or a blob is found damaged, of which the database tells at once.
 * While it cannot tell, nothing is remembered. Only what was found is kept, never that something was not.
 */
@Injectable()
export class PublicContentCache {
  private readonly entries = new Map<string, unknown>();
  private generation = 0;
  private isConnected = false;
  private isListening = false;

  constructor(private readonly changes: ChangeFeed) {}

  get<T>(key: string): T | undefined {
    return this.entries.get(key) as T | undefined;
  }

  /** To be called before the database is asked for what may be remembered. */
  beginReading(): Reading {
    this.listen();
    return { generation: this.generation };
  }

  /** What was read before a change was told may be what has changed: then nothing is kept. */
  remember(reading: Reading, key: string, value: unknown): void {
    if (!this.isConnected || reading.generation !== this.generation) return;
    this.entries.set(key, value);
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= ENTRIES) break;
      this.entries.delete(oldest);
    }
  }

  /** @param find asks the database; null, or an error, is not remembered */
  async find<T>(key: string, find: () => Promise<T | null>): Promise<T | null> {
    const known = this.get<T>(key);
    if (known !== undefined) return known;
    const reading = this.beginReading();
    const found = await find();
    if (found !== null) this.remember(reading, key, found);
    return found;
  }

  private listen(): void {
    if (this.isListening) return;
    this.isListening = true;
    this.changes.listen(CHANNEL, {
      onChange: () => this.forget(),
      onConnected: () => {
        this.forget();
        this.isConnected = true;
      },
      onLost: () => {
        this.isConnected = false;
        this.forget();
      },
    });
  }

  private forget(): void {
    this.generation += 1;
    this.entries.clear();
  }
}
