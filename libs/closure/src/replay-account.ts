import { createServer } from 'node:net';
import type { Replay } from './replay.js';

/**
 * Gives the counts of a replay, as JSON, to whoever connects first, and ends the replay with that: what is asked for later
 * would not be in them.
 * @param socket a Unix socket
 * @returns settles when the counts have been given
 */
export async function giveAccount(replay: Replay, socket: string): Promise<{ given: Promise<void> }> {
  const server = createServer();
  const given = new Promise<void>((resolve, reject) => {
    server.once('connection', (connection) => {
      server.close();
      connection.on('error', () => resolve());
      replay.stop().then((counts) => connection.end(JSON.stringify(counts), () => resolve()), reject);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  return { given };
}
