import type { OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';

export interface ChangeListener {
  /** Something was told on the channel. */
  readonly onChange: () => void;
  /** From here on every change is told; what was before is unknown. */
  readonly onConnected: () => void;
  /** From here on changes may pass unheard, until `onConnected`. */
  readonly onLost: () => void;
}

/** Milliseconds between two looks at whether the connection still lives: so long may a change pass unheard at most, twice. */
const HEARTBEAT_MS = 5000;
const RETRY_MS = 1000;

/**
 * What PostgreSQL tells by NOTIFY, over a connection of its own that is opened by the first listener. A connection that
 * ends, or falls silent, is replaced.
 * https://www.postgresql.org/docs/18/sql-notify.html
 */
export class ChangeFeed implements OnApplicationShutdown {
  private isStopped = false;
  /** Each takes itself out: of a list every second would be passed over. */
  private readonly stops = new Set<() => void>();

  constructor(private readonly url: string) {}

  listen(channel: string, listener: ChangeListener): void {
    void this.keepListening(channel, listener);
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    for (const stop of this.stops) stop();
  }

  private async keepListening(channel: string, listener: ChangeListener): Promise<void> {
    while (!this.isStopped) {
      await this.session(channel, listener).catch(() => undefined);
      listener.onLost();
      if (!this.isStopped) await pause(RETRY_MS, this.stops);
    }
  }

  /** Resolves or rejects when the connection is over. */
  private async session(channel: string, { onChange, onConnected }: ChangeListener): Promise<void> {
    const client = new pg.Client({
      connectionString: this.url,
      connectionTimeoutMillis: HEARTBEAT_MS,
      query_timeout: HEARTBEAT_MS,
      application_name: 'envarium changes',
    });
    // Without a listener a lost connection would end the process.
    client.on('error', () => undefined);
    const isOver = new Promise<void>((resolve) => client.once('end', resolve));
    client.on('notification', onChange);
    try {
      await client.connect();
      await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
      onConnected();
      // It may have been stopped while it connected.
      while (!this.isStopped) {
        const isEnded = await Promise.race([
          isOver.then(() => true),
          pause(HEARTBEAT_MS, this.stops).then(() => false),
        ]);
        if (isEnded) return;
        if (!this.isStopped) await client.query('SELECT 1');
      }
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** A wait that a stop ends early, and that keeps no process alive. */
async function pause(ms: number, stops: Set<() => void>): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      stops.delete(end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    timer.unref();
    stops.add(end);
  });
}
