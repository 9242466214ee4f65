import { ArchiveError } from '@envarium/errors';
import type { ByteRange } from '@envarium/storage';

/** Parts of one answer in whatever order; each costs the store a request of its own. */
const MAX_RANGES = 64;
/** What podman asks for at most when it pulls the missing files of a zstd:chunked layer, in ascending order. */
const MAX_ASCENDING_RANGES = 1024;
const DETAIL_LENGTH = 200;

/**
 * The ranges of a `Range` header that lie in the blob, cut to its size, in the order in which they were asked for: clients
 * count the parts. Null means the whole blob: no header, another unit, a set that is not one, or more than is
 * reasonable, which a server may all ignore (RFC 9110 section 14.2).
 * @param size bytes of the whole
 * @returns one range or more
 * @throws ArchiveError RANGE_INVALID with `size` when no range of the set is satisfiable
 */
export function parseRanges(header: string | undefined, size: number): readonly ByteRange[] | null {
  const set = /^bytes=(?<set>.*)$/i.exec(header ?? '')?.groups?.['set'];
  const specifiers = (set ?? '').split(',').flatMap((specifier) => specifier.trim() || []);
  if (specifiers.length === 0 || !specifiers.every((specifier) => /^(?:\d+-\d*|-\d+)$/.test(specifier))) return null;
  const ranges = specifiers.flatMap((specifier) => satisfiedRange(specifier, size) ?? []);
  if (ranges.length === 0) throw new ArchiveError('RANGE_INVALID', { range: header?.slice(0, DETAIL_LENGTH), size });
  return isReasonable(ranges, size) ? ranges : null;
}

function satisfiedRange(specifier: string, size: number): ByteRange | null {
  const [first = '', last = ''] = specifier.split('-');
  const start = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return start > end ? null : { start, end };
}

/** A set that asks for more bytes than there are, or in many pieces to and fro, is a fault or an attack. */
function isReasonable(ranges: readonly ByteRange[], size: number): boolean {
  const total = ranges.reduce((sum, { start, end }) => sum + end - start + 1, 0);
  const isAscending = ranges.every(({ start }, index) => start > (ranges[index - 1]?.end ?? -1));
  return total <= size && ranges.length <= (isAscending ? MAX_ASCENDING_RANGES : MAX_RANGES);
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
