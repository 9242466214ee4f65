import type { IncomingMessage } from 'node:http';
import { ArchiveError } from '@envarium/errors';
import type { ByteSource } from '@envarium/storage';

/** A client that is silent for so long in the middle of a body is taken for gone, or it would hold its upload for ever. */
const SILENCE_MS = 60_000;
/** Shorter, as a reader that was slow itself may have taken its last byte just before a look. */
const LOOK_MS = 20_000;

/** True when the request announces a body, even one of unknown length. */
export function hasBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined || (announcedLength(request) ?? 0) > 0;
}

/** `Content-Length` in bytes; null when the body is chunked. Node has checked the number. */
function announcedLength(request: IncomingMessage): number | null {
  const length = request.headers['content-length'];
  return length === undefined ? null : Number(length);
}

/**
 * The body as it comes in, never held.
 * @param length bytes that there must be; null when nobody said
 * @throws ArchiveError SIZE_INVALID, at once or while it is read; no byte too many is passed on
 */
export function bodySource(request: IncomingMessage, length: number | null): ByteSource {
  const announced = announcedLength(request);
  // The request itself, not a generator around it: the store takes its chunks without a copy.
  if (length === null || announced === length) return request;
  if (announced !== null) throw new ArchiveError('SIZE_INVALID', { expected: length, actual: announced });
  return exactly(length, chunksOf(request));
}

/** Ends the request when its client is silent, but not while bytes wait for the reader. */
export async function whileReceiving<T>(request: IncomingMessage, receive: () => Promise<T>): Promise<T> {
  let seen = request.socket.bytesRead;
  let silentFor = 0;
  const watchdog = setInterval(() => {
    const { bytesRead } = request.socket;
    const isSilent = bytesRead === seen && request.readableLength === 0 && !request.complete;
    seen = bytesRead;
    silentFor = isSilent ? silentFor + LOOK_MS : 0;
    if (silentFor >= SILENCE_MS) request.destroy(new ArchiveError('CLIENT_CLOSED_REQUEST', { silentFor }));
  }, LOOK_MS);
  try {
    return await receive();
  } finally {
    clearInterval(watchdog);
  }
}

/**
 * A small body, whole.
 * @param limit bytes
 * @param code thrown before more than `limit` bytes are held
 */
export async function readBody(
  request: IncomingMessage,
  limit: number,
  code: 'MANIFEST_TOO_LARGE' | 'BODY_TOO_LARGE',
): Promise<Buffer> {
  const announced = announcedLength(request) ?? 0;
  if (announced > limit) throw new ArchiveError(code, { size: announced, limit });
  return await whileReceiving(request, async () => {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of chunksOf(request)) {
      size += chunk.length;
      if (size > limit) throw new ArchiveError(code, { limit });
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  });
}

async function* exactly(length: number, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let actual = 0;
  for await (const chunk of chunks) {
    actual += chunk.length;
    if (actual > length) throw new ArchiveError('SIZE_INVALID', { expected: length, actual });
    yield chunk;
  }
  if (actual < length) throw new ArchiveError('SIZE_INVALID', { expected: length, actual });
}

/** Leaving early must not end the request: its refusal is still to be answered on the same socket. */
function chunksOf(request: IncomingMessage): AsyncIterable<Buffer> {
  return { [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }) };
}
