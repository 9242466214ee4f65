import { createHash } from 'node:crypto';
import { ArchiveError } from '@envarium/errors';
import { type Digest, isDigest } from '@envarium/oci';
import type { Outbound, OutboundResponse } from '@envarium/outbound';
import { OutboundUpstream, parseUpstreamReference } from '@envarium/upstream';
import type { Finding } from './pointer-finding.js';

export interface Pointer {
  readonly kind: 'image' | 'package' | 'doi';
  readonly reference: string;
  readonly digest: string | null;
  readonly size: bigint | null;
}

/** One try: what does not answer now is asked again another day, not again at once. */
const ONCE = { first: 0, tries: 1, longest: 0 };
const GONE_STATUSES: readonly number[] = [404, 410];
/** Name services answer so for a name that there is not; no answer at all is EAI_AGAIN. */
const NO_SUCH_NAME = 'ENOTFOUND';
const MAX_RETRY_AFTER = 7 * 86_400;

/** Asks the world about one pointer, with the least that tells something. Everything but a defect of ours is a finding. */
export class PointerProbe {
  constructor(
    private readonly outbound: Outbound,
    private readonly doiResolver: URL,
  ) {}

  /** Whom a question about this pointer would be put to; null: there is no question to put. */
  hostOf({ kind, reference }: Pointer): string | null {
    try {
      if (kind === 'image') return parseUpstreamReference(reference).apiHost;
      return kind === 'doi' ? this.doiResolver.host : new URL(reference).host;
    } catch {
      return null;
    }
  }

  /** @param isWhole reads all bytes and compares their digest; otherwise only whether they are there, and how many */
  async ask(pointer: Pointer, isWhole: boolean, signal: AbortSignal): Promise<Finding> {
    if (this.hostOf(pointer) === null) return unanswered('is no address that can be asked');
    try {
      if (pointer.kind === 'image') return await this.askImage(pointer, signal);
      if (pointer.kind === 'doi') return await this.askDoi(pointer, signal);
      return await this.askPackage(pointer, isWhole, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ArchiveError)) throw error;
      return findingOf(error);
    }
  }

  /** An image manifest is small: it is read whole, and its digest is what was asked for. */
  private async askImage({ reference }: Pointer, signal: AbortSignal): Promise<Finding> {
    const { apiHost: host, repository, digest, tag } = parseUpstreamReference(reference);
    const wanted = digest ?? tag;
    if (wanted === null) return unanswered('the reference names nothing');
    await new OutboundUpstream(this.outbound, { host, repository, credentials: null }, ONCE).resolve(wanted, signal);
    return { kind: 'ok' };
  }

  /** The resolver of DOIs sends on to the landing page: a publisher that turns programs away has not lost the article. */
  private async askDoi({ reference }: Pointer, signal: AbortSignal): Promise<Finding> {
    const url = new URL(reference.split('/').map(encodeURIComponent).join('/'), this.doiResolver);
    const response = await this.outbound.send({ url, headers: { accept: 'text/html' }, signal });
    response.end();
    const where = response.url.host === this.doiResolver.host ? 'the DOI' : 'its landing page';
    if (GONE_STATUSES.includes(response.status)) {
      return { kind: 'gone', detail: `${where} answers with status ${response.status}` };
    }
    if (response.status >= 500 || response.status === 429) return busy(response);
    return { kind: 'ok' };
  }

  private async askPackage(pointer: Pointer, isWhole: boolean, signal: AbortSignal): Promise<Finding> {
    const headers = isWhole ? {} : { range: 'bytes=0-0' };
    const response = await this.outbound.send({ url: new URL(pointer.reference), headers, signal });
    const { status } = response;
    if (![200, 206, 416].includes(status)) {
      response.end();
      if (GONE_STATUSES.includes(status)) return { kind: 'gone', detail: `status ${status}` };
      return busy(response);
    }
    const size = sizeOf(response);
    if (size !== null && pointer.size !== null && BigInt(size) !== pointer.size) {
      response.end();
      return { kind: 'changed', detail: `${size} bytes instead of ${pointer.size}` };
    }
    if (!isWhole || status !== 200 || !isDigest(pointer.digest)) {
      response.end();
      return { kind: 'ok' };
    }
    return await compare(response, pointer.digest, pointer.size);
  }
}

/** Reads no byte more than there should be. */
async function compare(response: OutboundResponse, expected: Digest, size: bigint | null): Promise<Finding> {
  const [algorithm = 'sha256'] = expected.split(':');
  const hash = createHash(algorithm);
  let received = 0n;
  for await (const chunk of response.body) {
    received += BigInt(chunk.length);
    if (size !== null && received > size) return { kind: 'changed', detail: `more than ${size} bytes` };
    hash.update(chunk);
  }
  const actual = `${algorithm}:${hash.digest('hex')}`;
  return actual === expected ? { kind: 'ok' } : { kind: 'changed', detail: `other bytes: ${actual}` };
}

/** Of the whole, as far as the answer says it. */
function sizeOf({ status, headers }: OutboundResponse): string | null {
  const whole = status === 200 ? headers['content-length'] : headers['content-range']?.split('/', 2)[1];
  return whole !== undefined && /^\d{1,15}$/.test(whole) ? whole : null;
}

function busy({ status, headers }: OutboundResponse): Finding {
  return unanswered(`status ${status}`, secondsOf(headers['retry-after']));
}

/** https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 */
function secondsOf(header: string | undefined): number | null {
  if (header === undefined) return null;
  const seconds = /^\d{1,9}$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1000);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), MAX_RETRY_AFTER) : null;
}

function findingOf({ code, detail, message }: ArchiveError): Finding {
  const reason = typeof detail['reason'] === 'string' ? detail['reason'] : message;
  if (code === 'UPSTREAM_UNKNOWN') return { kind: 'gone', detail: message };
  if (code === 'UPSTREAM_UNAVAILABLE' && reason === NO_SUCH_NAME) return { kind: 'gone', detail: 'no such host' };
  if (code === 'DIGEST_INVALID') return { kind: 'changed', detail: 'other bytes under the same digest' };
  const { retryAfter } = detail;
  return unanswered(reason, typeof retryAfter === 'number' ? retryAfter : null);
}

function unanswered(detail: string, retryAfterSeconds: number | null = null): Finding {
  return { kind: 'unanswered', detail, retryAfterSeconds };
}
