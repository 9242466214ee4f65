import { ArchiveError } from '@envarium/errors';
import { Exchange } from '@envarium/schema';
import { addressKey } from './exchange-key.js';

/** Lines and bytes of an `exchanges.jsonl`; far over what a recording makes. */
const MAX_LINES = 100_000;
const MAX_BYTES = 256 << 20;

/** One exchange a line, in an order and a spelling of its own: the same exchanges give the same bytes. */
export function encodeExchanges(exchanges: readonly Exchange[]): Buffer {
  const lines = exchanges.map((exchange) => ({ key: orderOf(exchange), line: JSON.stringify(canonical(exchange)) }));
  lines.sort((a, b) => compare(a.key, b.key) || compare(a.line, b.line));
  return Buffer.from(lines.map(({ line }) => `${line}\n`).join(''));
}

/** @throws ArchiveError CLOSURE_INCOMPLETE with the line, for what is no list of exchanges */
export function decodeExchanges(bytes: Uint8Array): Exchange[] {
  if (bytes.length > MAX_BYTES) throw invalid('too-large', 0);
  const text = new TextDecoder('utf-8', { fatal: false }).decode(bytes);
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length > MAX_LINES) throw invalid('malformed', lines.length);
  return lines.map((line, index) => {
    const exchange = Exchange.safeParse(parsed(line));
    if (!exchange.success || !URL.canParse(exchange.data.url)) throw invalid('malformed', index + 1);
    return exchange.data;
  });
}

function canonical({ method, url, request, requestDigest, status, headers, digest, size }: Exchange): Exchange {
  return { method, url, request: sorted(request), requestDigest, status, headers: sorted(headers), digest, size };
}

function orderOf(exchange: Exchange): string {
  return `${exchange.url}\0${addressKey(exchange)}`;
}

function sorted(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).toSorted(([a], [b]) => compare(a, b)));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function invalid(reason: string, line: number): ArchiveError {
  return new ArchiveError('CLOSURE_INCOMPLETE', { file: 'exchanges.jsonl', reason, line });
}
