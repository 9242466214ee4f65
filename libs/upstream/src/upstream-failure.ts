import { ArchiveError, type ErrorDetail } from '@envarium/errors';
import type { OutboundResponse } from '@envarium/outbound';

/** Statuses that say "not now". */
const BUSY: readonly number[] = [408, 429, 500, 502, 503, 504];
const MAX_RETRY_AFTER = 24 * 3600;

export function isBusy(status: number): boolean {
  return BUSY.includes(status);
}

/** What an answer means that is not the one hoped for. */
export function refusedStatus({ status, url, headers }: OutboundResponse, detail: ErrorDetail): ArchiveError {
  const what = { host: url.host, ...detail, status };
  if (isBusy(status)) {
    const seconds = retryAfter(headers['retry-after'], Date.now());
    return new ArchiveError('UPSTREAM_UNAVAILABLE', { ...what, ...(seconds !== null && { retryAfter: seconds }) });
  }
  if (status === 401 || status === 403) return new ArchiveError('UPSTREAM_DENIED', what);
  if (status === 404 || status === 410) return new ArchiveError('UPSTREAM_UNKNOWN', what);
  return new ArchiveError('UPSTREAM_INVALID', { ...what, reason: 'status' });
}

export function isTemporary(error: unknown): boolean {
  return error instanceof ArchiveError && error.isTemporary;
}

/** Seconds that a temporary failure asks to wait; null when it does not say. */
export function askedToWait(error: unknown): number | null {
  if (!(error instanceof ArchiveError)) return null;
  const { retryAfter: seconds } = error.detail;
  return typeof seconds === 'number' ? seconds : null;
}

/** Seconds or a date. https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 */
export function retryAfter(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  const seconds = /^\d{1,9}$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - now) / 1000);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), MAX_RETRY_AFTER) : null;
}
