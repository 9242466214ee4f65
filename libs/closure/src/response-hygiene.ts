import type { IncomingHttpHeaders } from 'node:http';

/**
 * Headers of an answer that are kept, and that the program inside sees, now as later. What is not here is dropped: cookies
 * above all, dates, trackers, and what is true for one connection only.
 */
const KEPT = new Set([
  'content-disposition',
  'content-encoding',
  'content-type',
  'docker-content-digest',
  'etag',
  'last-modified',
  'link',
  'location',
]);
/** Sums that package servers send beside a body. */
const SUMS = /^x-(?:checksum|goog-hash|amz-meta-[a-z0-9-]*(?:md5|sha)|linked-(?:etag|size)$)/;
const MAX_VALUE = 8192;

export function keptHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept = Object.entries(headers).flatMap(([name, value]): [string, string][] => {
    if (!KEPT.has(name) && !SUMS.test(name)) return [];
    const text = Array.isArray(value) ? value.join(', ') : (value ?? '');
    return text.length > MAX_VALUE || /[\r\n\0]/.test(text) ? [] : [[name, text]];
  });
  return Object.fromEntries(kept.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const CREDENTIALS = [
  'authorization',
  'cookie',
  'proxy-authorization',
  'private-token',
  'job-token',
  'x-api-key',
  'x-auth-token',
  'x-amz-security-token',
  'x-jfrog-art-api',
];

/** The header that carries a secret; null when there is none. */
export function credentialOf(headers: IncomingHttpHeaders): string | null {
  return CREDENTIALS.find((name) => headers[name] !== undefined) ?? null;
}
