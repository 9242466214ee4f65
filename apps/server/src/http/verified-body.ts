import { ArchiveError } from '@envarium/errors';
import { type Digest, verifyContent } from '@envarium/oci';
import type { BlobReader } from '@envarium/storage';
import type { FastifyReply } from 'fastify';
import { sendBody } from './raw-body.js';

/**
 * Streams stored bytes and compares them with their digest on the way: registry clients do that themselves, browsers do
 * not. Damage in the first chunk is answered as a problem; later the connection breaks, so that nobody takes it for the whole.
 * @throws ArchiveError BLOB_CORRUPT, CLIENT_CLOSED_REQUEST, and as the reader does
 */
export async function sendVerified(
  reply: FastifyReply,
  reader: BlobReader,
  digest: Digest,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const content = verified(reader, digest);
  const first = await content.next();
  reply.hijack();
  reply.raw.writeHead(200, {
    'Content-Length': reader.length,
    'X-Content-Type-Options': 'nosniff',
    ETag: `"${digest}"`,
    ...headers,
  });
  async function* whole(): AsyncGenerator<Uint8Array> {
    if (first.done !== true) yield first.value;
    yield* content;
  }
  await sendBody(reply.raw, whole());
}

async function* verified(reader: BlobReader, digest: Digest): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* verifyContent(reader, { digest, size: reader.size });
  } catch (error) {
    const isDamaged = error instanceof ArchiveError && ['DIGEST_INVALID', 'SIZE_INVALID'].includes(error.code);
    throw isDamaged ? new ArchiveError('BLOB_CORRUPT', { digest }, { cause: error }) : error;
  }
}
