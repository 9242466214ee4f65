import { ArchiveError } from '@envarium/errors';
import { type ContentClaim, verifyContent } from '@envarium/oci';
import type { Outbound } from '@envarium/outbound';
import type { ExchangeStore } from './exchange-store.js';

export interface MissingBody {
  readonly url: string;
  readonly claim: ContentClaim;
  readonly store: ExchangeStore;
  readonly outbound: Outbound;
  readonly requestMs: number;
  readonly signal: AbortSignal;
}

/**
 * Gets a body whose digest is known from the address that it once came from. Only the digest decides: where the address
 * leads today, and what it says about itself, does not matter.
 * @returns false when it cannot be had, or is another body now
 * @throws what the store throws; the reason of `signal`
 */
export async function fetchMissing({ url, claim, store, outbound, requestMs, signal }: MissingBody): Promise<boolean> {
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(requestMs)]);
    const answer = await outbound.send({ url: new URL(url), signal: within });
    if (answer.status !== 200) {
      answer.discard();
      return false;
    }
    await store.put(verifyContent(answer.body, claim), claim.digest);
    return true;
  } catch (error) {
    if (signal.aborted || !isOfUpstream(error)) throw error;
    return false;
  }
}

function isOfUpstream(error: unknown): boolean {
  if (error instanceof DOMException) return error.name === 'TimeoutError';
  if (!(error instanceof ArchiveError)) return false;
  return ['OUTBOUND_REFUSED', 'UPSTREAM_UNAVAILABLE', 'UPSTREAM_INVALID', 'DIGEST_INVALID', 'SIZE_INVALID'].includes(
    error.code,
  );
}
