import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';

/** Where a connection was meant to go, as far as the connection itself says. */
export interface Target {
  /** Name that a CONNECT request gave, or the server name of TLS; null when neither was there. */
  readonly host: string | null;
  readonly port: number;
  readonly isTls: boolean;
}

/** A request to an origin: where it was meant to go, and the path and query as the client wrote them. */
export interface Destination {
  readonly origin: string;
  readonly path: string;
}

const HOST = /^(?<host>\[[0-9a-f:.]+\]|[^\s:/?#@[\]\\]+)(?::(?<port>\d{1,5}))?$/i;

/**
 * Where a request was meant to go. A program that knows of a proxy writes the whole address; others write the host into
 * a header. What the connection says about the port is surer than a header. Null: it cannot be told.
 */
export function destinationOf(request: Pick<IncomingMessage, 'url' | 'headers'>, target: Target): Destination | null {
  const written = request.url ?? '';
  const absolute = /^(?<scheme>https?):\/\/(?<authority>[^/?#]+)(?<path>[^#]*)$/i.exec(written)?.groups;
  if (absolute !== undefined) {
    const scheme = absolute['scheme']?.toLowerCase() ?? '';
    const authority = parseAuthority(absolute['authority'] ?? '');
    if (authority === null) return null;
    const port = authority.port ?? (scheme === 'https' ? 443 : 80);
    const path = absolute['path'] ?? '';
    return {
      origin: formatOrigin(scheme, authority.host, port),
      path: path.startsWith('/') ? path : `/${path}`,
    };
  }
  if (!written.startsWith('/')) return null;
  const named = request.headers.host === undefined ? null : parseAuthority(request.headers.host);
  const host = named?.host ?? target.host;
  if (host === null) return null;
  return { origin: formatOrigin(target.isTls ? 'https' : 'http', host, target.port), path: written };
}

/** `host:port` of a CONNECT request or a Host header; the host without brackets. */
export function parseAuthority(text: string): { readonly host: string; readonly port: number | null } | null {
  const parts = HOST.exec(text)?.groups;
  const host = parts?.['host']?.toLowerCase().replace(/^\[(.+)\]$/, '$1') ?? '';
  const port = parts?.['port'] === undefined ? null : Number(parts['port']);
  if (host === '' || host.length > 253 || (port !== null && (port < 1 || port > 65_535))) return null;
  return { host, port };
}

function formatOrigin(scheme: string, host: string, port: number): string {
  return `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
