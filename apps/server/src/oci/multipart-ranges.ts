import { randomBytes } from 'node:crypto';
import type { ByteRange } from '@envarium/storage';

/** An answer of several parts, laid out before a byte of it is read. */
export interface MultipartRanges {
  readonly contentType: string;
  readonly contentLength: number;
  /** What goes before the bytes of each range. */
  readonly parts: readonly { readonly head: Buffer; readonly range: ByteRange }[];
  readonly tail: Buffer;
}

/**
 * `multipart/byteranges` with one part for each range, in the order given: podman expects as many parts as it asked for, so
 * neighbours are not joined.
 * https://www.rfc-editor.org/rfc/rfc9110.html#section-14.6
 * @param size bytes of the whole
 */
export function layOutRanges(
  ranges: readonly ByteRange[],
  size: number,
  mediaType: string,
  boundary = randomBytes(16).toString('hex'),
): MultipartRanges {
  const parts = ranges.map((range, index) => {
    const lines = [
      `${index === 0 ? '' : '\r\n'}--${boundary}`,
      `Content-Type: ${mediaType}`,
      `Content-Range: bytes ${range.start}-${range.end}/${size}`,
    ];
    return { head: Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), range };
  });
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const contentLength = parts.reduce(
    (length, { head, range }) => length + head.length + range.end - range.start + 1,
    tail.length,
  );
  return { contentType: `multipart/byteranges; boundary=${boundary}`, contentLength, parts, tail };
}
