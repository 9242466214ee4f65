import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { ArchiveError } from '@envarium/errors';
import type { FastifyReply } from 'fastify';

/**
 * Begins an answer past Fastify, whose streams cost five times as much for large bodies, and which says that a HEAD
 * without a body has no length.
 */
export function writeHead(reply: FastifyReply, status: number): ServerResponse {
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  return reply.raw.writeHead(status);
}

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
