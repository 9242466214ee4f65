import type { IncomingMessage } from 'node:http';
import { digestOf } from '@envarium/oci';
import { credentialOf } from './response-hygiene.js';
import type { Question } from './exchange-key.js';

/** Where a request was meant to go, told by the stand-in: `https://pypi.example.org:443`. */
export const ORIGIN_HEADER = 'envarium-origin';

/** A question, or why none is taken: a status and a sentence for the log of the build. */
export type Asked =
  | { readonly kind: 'question'; readonly question: Question; readonly body: Buffer | null }
  | {
      readonly kind: 'refused';
      readonly code: RefusalCode;
      readonly status: number;
      readonly text: string;
      readonly url: string;
    };
export type RefusalCode = 'malformed' | 'credentials' | 'method' | 'websocket' | 'git-protocol' | 'body-too-large';

const MAX_URL = 8192;
const MAX_BODY = 1 << 20;

/** Reads what the stand-in passes on. Never throws for what a program inside sends. */
export async function readQuestion(request: IncomingMessage): Promise<Asked> {
  const url = urlOf(request);
  if (url === null) return refusal('malformed', 400, 'the address cannot be read', '');
  const refused = refuse(request, url);
  if (refused !== null) return refused;
  const body = request.method === 'POST' ? await readBody(request) : null;
  if (body === 'too-large') {
    return refusal('body-too-large', 501, `a POST of more than ${MAX_BODY} bytes cannot be replayed`, url.href);
  }
  const { accept, 'user-agent': userAgent } = request.headers;
  const question: Question = {
    method: request.method === 'HEAD' || request.method === 'POST' ? request.method : 'GET',
    url: url.href,
    request: { ...(accept !== undefined && { accept }), ...(userAgent !== undefined && { 'user-agent': userAgent }) },
    requestDigest: body === null ? null : digestOf(body),
  };
  return { kind: 'question', question, body };
}

function urlOf({ headers, url: path }: IncomingMessage): URL | null {
  const origin = headers[ORIGIN_HEADER];
  const text = `${typeof origin === 'string' ? origin : ''}${path ?? ''}`;
  if (path?.startsWith('/') !== true || text.length > MAX_URL || !/^https?:\/\//.test(text)) return null;
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  url.hash = '';
  return url;
}

function refuse({ method, headers }: IncomingMessage, url: URL): Asked | null {
  if (headers.upgrade?.toLowerCase().includes('websocket') === true) {
    return refusal('websocket', 501, 'a web socket cannot be replayed', url.href);
  }
  if (
    /\/git-(?:upload|receive)-pack$/.test(url.pathname) ||
    url.searchParams.get('service')?.startsWith('git-') === true
  ) {
    const text =
      'what git says to a server is different every time and cannot be replayed. Fetch an archive of the commit instead ' +
      '(as in https://host/owner/project/archive/COMMIT.tar.gz), or put the sources into the deposit';
    return refusal('git-protocol', 501, text, url.href);
  }
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') {
    return refusal('method', 501, `${method ?? ''} cannot be replayed: only GET, HEAD and small POST can`, url.href);
  }
  const credential = credentialOf(headers) ?? (url.username + url.password === '' ? null : 'user name in the address');
  if (credential === null) return null;
  url.username = '';
  url.password = '';
  const text = `the request carries a secret (${credential}). Secrets have no place in an archive; fetch from where none is needed`;
  return refusal('credentials', 403, text, url.href);
}

function refusal(code: RefusalCode, status: number, text: string, url: string): Asked {
  return { kind: 'refused', code, status, text, url };
}

async function readBody(request: IncomingMessage): Promise<Buffer | 'too-large'> {
  const chunks: Buffer[] = [];
  let size = 0;
  // The rest of what is too long is left unread, and the connection is still good for an answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_BODY) return 'too-large';
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
