import * as zlib from 'node:zlib';
import { ArchiveError, type ErrorDetail } from '@envarium/errors';
import { createDigester, digestAlgorithm, parseDigest, verifyContent } from '@envarium/oci';
import { CHUNK_SIZE, decompress, type Engine, gunzipEngine } from './decompress.js';
import type { LayerInput } from './image-input.js';
import type { FileListLimits } from './list-limits.js';

const MAGIC_LENGTH = 4;
const GZIP = /^1f8b/;
const ZSTD = /^28b52ffd/;

/** How much of all layers may still come. */
export interface UnpackBudget {
  left: number;
}

export interface LayerReading {
  readonly diffId: string;
  readonly limits: FileListLimits;
  readonly budget: UnpackBudget;
  /** Told about every piece of the blob. */
  readonly onBytes: (count: number) => void;
}

/**
 * The tar of a layer. When it has been read to its end, the blob's digest and size and the diffID have all been checked.
 * What is compressed is known by its first bytes, as container runtimes do: media types are often wrong.
 * @throws ArchiveError DIGEST_INVALID, SIZE_INVALID, LAYER_INVALID or IMAGE_TOO_LARGE with `layer` and `reason`
 */
export async function* layerContent(
  layer: LayerInput,
  reading: LayerReading,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { limits, budget } = reading;
  const diffId = parseDigest(reading.diffId);
  const digester = createDigester(digestAlgorithm(diffId));
  const packed = { size: 0 };
  async function* observed(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of verifyContent(layer.open(), layer)) {
      packed.size += chunk.length;
      reading.onBytes(chunk.length);
      yield chunk;
    }
  }

  for await (const chunk of unpack(layer, observed())) {
    digester.update(chunk);
    budget.left -= chunk.length;
    if (budget.left < 0) throw tooLarge(layer, 'unpacked-size', limits.maxUnpackedSize);
    if (digester.size > limits.ratioFreeSize && digester.size > packed.size * limits.maxRatio) {
      throw tooLarge(layer, 'compression-ratio', limits.maxRatio);
    }
    yield chunk;
  }
  const actual = digester.digest();
  if (actual === diffId) return;
  throw new ArchiveError('DIGEST_INVALID', { layer: layer.digest, reason: 'diff-id', expected: diffId, actual });
}

async function* unpack(
  layer: LayerInput,
  content: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    let start = Buffer.alloc(0);
    while (start.length < MAGIC_LENGTH) {
      const next = await content.next();
      if (next.done === true) break;
      start = start.length === 0 ? Buffer.from(next.value) : Buffer.concat([start, next.value]);
    }
    const magic = start.toString('hex', 0, MAGIC_LENGTH);
    async function* whole(): AsyncGenerator<Uint8Array, void, undefined> {
      yield start;
      yield* content;
    }
    const compression = GZIP.test(magic) ? 'gzip' : ZSTD.test(magic) ? 'zstd' : null;
    if (compression === null) yield* whole();
    else {
      const engine = compression === 'gzip' ? gunzipEngine() : zstdEngine();
      if (engine === null) throw invalid(layer, 'zstd-unsupported', { node: process.version });
      yield* decompress(whole(), engine, (fault, cause) => invalid(layer, `${compression}-${fault}`, {}, cause));
    }
  } finally {
    // Whoever leaves before the second piece has left `whole` where it does not know of the content yet.
    await content.return();
  }
}

/** In Node.js since 22.15. */
function zstdEngine(): Engine | null {
  const { createZstdDecompress } = zlib as { createZstdDecompress?: (options: zlib.ZlibOptions) => Engine };
  return createZstdDecompress?.({ chunkSize: CHUNK_SIZE }) ?? null;
}

function tooLarge(layer: LayerInput, reason: string, limit: number): ArchiveError {
  return new ArchiveError('IMAGE_TOO_LARGE', { layer: layer.digest, reason, limit });
}

function invalid(layer: LayerInput, reason: string, detail: ErrorDetail = {}, cause?: unknown): ArchiveError {
  return new ArchiveError('LAYER_INVALID', { layer: layer.digest, reason, ...detail }, { cause });
}
