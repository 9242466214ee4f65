import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { ArchiveError } from '@envarium/errors';

/**
 * Streams an answer whose head is written. Whatever goes wrong, the connection breaks, so that nobody takes what came for
 * the whole.
 * @throws ArchiveError CLIENT_CLOSED_REQUEST, and what `content` throws
 */
export async function sendBody(response: ServerResponse, content: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    await pipeline(content, response);
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    throw new ArchiveError('CLIENT_CLOSED_REQUEST', {}, { cause: error });
  }
}
