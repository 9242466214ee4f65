import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangeFeed } from '@envarium/database';

const CHANNEL = 'envarium_jobs';
/** Between two looks where nothing is told: the connection may be lost, and what is told may be lost with it. */
const POLL_MS = 2000;
/** A job that writes a line each millisecond is not looked at each millisecond. */
const PAUSE_MS = 200;

/** When it is worth looking at jobs again. One connection for all who wait, opened by the first. */
export class JobChanges {
  private readonly waiters = new Set<() => void>();
  private isListening = false;
  private told = 0;

  constructor(private readonly feed: ChangeFeed) {}

  /** To be taken before a look, so that what is told during the look is not waited for. */
  get mark(): number {
    this.listen();
    return this.told;
  }

  /** Resolves when something was told since `mark`, when it is time to look anyway, or when the signal aborts. */
  async wait(mark: number, signal: AbortSignal): Promise<void> {
    if (this.told === mark) await this.next(signal);
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
  }

  private async next(signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    const wake = (): void => woken.abort();
    this.waiters.add(wake);
    await sleep(POLL_MS, undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(() => {});
    this.waiters.delete(wake);
  }

  private listen(): void {
    if (this.isListening) return;
    this.isListening = true;
    const tell = (): void => {
      this.told += 1;
      for (const wake of this.waiters) wake();
    };
    this.feed.listen(CHANNEL, { onChange: tell, onConnected: tell, onLost: tell });
  }
}
