import { Readable, type Duplex, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** Large enough that a chunk costs little beside its bytes. */
export const CHUNK_SIZE = 256 * 1024;

export type DecompressionFault = 'truncated' | 'not-valid' | 'trailing-bytes';

export type Engine = Duplex & { readonly bytesWritten: number };

/**
 * Compressed content as a stream of what is in it, to the very end: bytes behind it are read by some programs and not by
 * others, and zlib stops silently at zeros.
 * @param toError makes the error that is thrown for content that cannot be decompressed; failures of `content` pass unchanged
 */
export async function* decompress(
  content: AsyncIterable<Uint8Array>,
  engine: Engine,
  toError: (fault: DecompressionFault, cause?: unknown) => Error,
): AsyncGenerator<Uint8Array, void, undefined> {
  let taken = 0;
  async function* observed(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of content) {
      taken += chunk.length;
      yield chunk;
    }
  }
  const source = Readable.from(observed(), { objectMode: false });
  // Failures of the source reach the engine, and with it the loop.
  pipeline(source, engine, () => undefined);
  try {
    for await (const chunk of engine) yield chunk as Uint8Array;
  } catch (error) {
    throw isOfZlib(error) ? toError(error.code === 'Z_BUF_ERROR' ? 'truncated' : 'not-valid', error) : error;
  } finally {
    source.destroy();
  }
  if (engine.bytesWritten !== taken) throw toError('trailing-bytes');
}

export function gunzipEngine(): Engine {
  return createGunzip({ chunkSize: CHUNK_SIZE });
}

function isOfZlib(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && /^(?:Z|ZSTD)_/.test(String(error.code));
}
