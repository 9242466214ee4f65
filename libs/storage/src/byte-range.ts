import { ArchiveError } from '@envarium/errors';
import type { ByteRange } from './blob-store.js';

/**
 * The part of a blob that a range selects; the end is cut to the size (RFC 9110 section 14.1.2).
 * @throws ArchiveError RANGE_INVALID with `size`
 */
export function resolveRange(range: ByteRange | undefined, size: number): { start: number; length: number } {
  if (range === undefined) return { start: 0, length: size };
  const { start, end } = range;
  const isRange = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end;
  if (!isRange || start >= size) throw new ArchiveError('RANGE_INVALID', { start, end, size });
  return { start, length: Math.min(end, size - 1) - start + 1 };
}
