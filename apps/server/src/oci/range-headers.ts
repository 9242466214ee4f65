import { ArchiveError } from '@envarium/errors';
import type { ByteRange } from '@envarium/storage';

/**
 * One range of a `Range` header, cut to the size of the blob. Null means the whole blob: no header, another unit, or
 * several ranges, which a server may ignore (RFC 9110 section 14.2).
 * @param size bytes of the whole
 * @throws ArchiveError RANGE_INVALID with `size`, also for a range that ends before it starts
 */
export function parseRange(header: string | undefined, size: number): ByteRange | null {
  const groups = /^bytes=\s*(?<first>\d*)-(?<last>\d*)\s*$/i.exec(header ?? '')?.groups;
  if (groups === undefined) return null;
  const { first = '', last = '' } = groups;
  if (first === '' && last === '') return null;
  const start = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  const isReversed = first !== '' && last !== '' && Number(last) < start;
  if (isReversed || start >= size) throw new ArchiveError('RANGE_INVALID', { range: header, size });
  return { start, end };
}

/**
 * `Content-Range` of a chunk: `<start>-<end>`, without unit and total.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-a-blob-in-chunks
 * @returns null without a header
 * @throws ArchiveError BLOB_UPLOAD_INVALID
 */
export function parseContentRange(header: string | undefined): { start: number; length: number } | null {
  if (header === undefined) return null;
  const groups = /^(?<first>\d{1,15})-(?<last>\d{1,15})$/.exec(header)?.groups;
  const start = Number(groups?.['first']);
  const length = Number(groups?.['last']) - start + 1;
  if (groups === undefined || length < 1) {
    throw new ArchiveError('BLOB_UPLOAD_INVALID', { contentRange: header.slice(0, 100) });
  }
  return { start, length };
}
