import { ArchiveError } from '@envarium/errors';
import { TAR_END_LENGTH, tarHeader, tarPadding, type TarInput } from './tar-writer.js';

/** Positions of the first and the last byte, both included. */
export interface TarRange {
  readonly start: number;
  readonly end: number;
}

interface Part {
  readonly length: number;
  /** Null: zeros. */
  readonly content: Uint8Array | TarInput | null;
}

/**
 * The bytes of `tarEntries` from one position to another, so that a broken download can go on. Of what lies outside
 * nothing is opened; a body that lies inside as a whole is opened as a whole.
 * @throws ArchiveError SIZE_INVALID when a body gives another number of bytes than it should
 */
export async function* tarRange(
  entries: Iterable<TarInput>,
  range: TarRange,
): AsyncGenerator<Uint8Array, void, undefined> {
  let offset = 0;
  for (const { length, content } of partsOf(entries)) {
    const start = Math.max(range.start - offset, 0);
    const end = Math.min(range.end - offset, length - 1);
    offset += length;
    if (start > end) continue;
    if (content === null) yield new Uint8Array(end - start + 1);
    else if (content instanceof Uint8Array) yield content.subarray(start, end + 1);
    else yield* bodyRange(content, length, { start, end });
  }
}

function* partsOf(entries: Iterable<TarInput>): Generator<Part, void, undefined> {
  for (const entry of entries) {
    const header = tarHeader(entry);
    const size = entry.size ?? 0;
    yield { length: header.length, content: header };
    yield { length: size, content: entry };
    yield { length: tarPadding(size), content: null };
  }
  yield { length: TAR_END_LENGTH, content: null };
}

async function* bodyRange(
  { path, body }: TarInput,
  size: number,
  range: TarRange,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { start, end } = range;
  const isWhole = start === 0 && end === size - 1;
  let given = 0;
  for await (const chunk of typeof body === 'function' ? body(isWhole ? undefined : range) : slice(body, range)) {
    given += chunk.length;
    if (given > end - start + 1) break;
    yield chunk;
  }
  if (given !== end - start + 1) {
    throw new ArchiveError('SIZE_INVALID', { path, expected: end - start + 1, actual: given });
  }
}

function slice(body: Uint8Array | undefined, { start, end }: TarRange): Uint8Array[] {
  return body === undefined ? [] : [body.subarray(start, end + 1)];
}
