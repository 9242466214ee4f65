import { Readable } from 'node:stream';
import { createDeflateRaw, crc32 } from 'node:zlib';

/**
 * RFC 1952 header without time, name or operating system: zlib writes the system it runs on, which would make the same layer
 * differ between machines.
 */
const HEADER = Uint8Array.of(0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0xff);

/**
 * Compresses reproducibly: one zlib gives one result for one content. Another version of zlib may still give other bytes,
 * so an image is compared by its diffIDs, never by compressed layers made twice.
 */
export async function* gzip(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let checksum = 0;
  let length = 0;
  async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of content) {
      checksum = crc32(chunk, checksum);
      length += chunk.length;
      yield chunk;
    }
  }

  yield HEADER;
  const deflate = createDeflateRaw();
  const source = Readable.from(counted(), { objectMode: false });
  source.on('error', (error) => deflate.destroy(error));
  try {
    for await (const chunk of source.pipe(deflate)) yield chunk;
  } finally {
    source.destroy();
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(checksum, 0);
  trailer.writeUInt32LE(length % 2 ** 32, 4);
  yield trailer;
}
