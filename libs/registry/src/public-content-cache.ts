import { Injectable } from '@nestjs/common';
import { ChangeFeed } from '@envarium/database';

/** Told by triggers of the database; see the migration `read_cache`. */
const CHANNEL = 'envarium_public_content';
const ENTRIES = 50_000;

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

  /** @param find asks the database; null, or an error, is not remembered */
  async find<T>(key: string, find: () => Promise<T | null>): Promise<T | null> {
    const known = this.get<T>(key);
    if (known !== undefined) return known;
    this.listen();
    const { generation } = this;
    const found = await find();
    // What was read before a change was told may be what has changed.
    if (found !== null && this.isConnected && generation === this.generation) this.remember(key, found);
    return found;
  }

  private remember(key: string, value: unknown): void {
    this.entries.set(key, value);
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= ENTRIES) break;
      this.entries.delete(oldest);
    }
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
