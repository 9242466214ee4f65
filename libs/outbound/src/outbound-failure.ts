import { ArchiveError } from '@envarium/errors';
import { errors } from 'undici';

/** Codes of the HTTP client for requests that can never be sent: what was to be sent is not a header or an address. */
const UNSENDABLE = ['UND_ERR_INVALID_ARG', 'ERR_INVALID_URL', 'ERR_INVALID_CHAR'];
const NETWORK =
  /^(?:E[A-Z_]+|UND_ERR_[A-Z_]+|HPE_[A-Z_]+|ERR_(?:SSL|TLS)_[A-Z0-9_]+|CERT_[A-Z_]+|.*(?:CERT|SELF_SIGNED|UNABLE_TO_VERIFY)[A-Z_]*)$/;

/** A failure of the network as one of ours. Our own errors, and the reason of an abort, pass through unchanged. */
export function outboundFailure(error: unknown, url: URL, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason;
  const own = ownError(error);
  if (own !== null) return own;
  if (error instanceof errors.HTTPParserError) {
    return new ArchiveError('UPSTREAM_INVALID', { host: url.host, reason: 'not-http' }, { cause: error });
  }
  const code = codeOf(error);
  if (code === null) return error;
  if (UNSENDABLE.includes(code)) {
    return new ArchiveError('UPSTREAM_INVALID', { host: url.host, reason: 'unsendable' }, { cause: error });
  }
  return new ArchiveError('UPSTREAM_UNAVAILABLE', { host: url.host, reason: code }, { cause: error });
}

/** The HTTP client may wrap what the connector threw. */
function ownError(error: unknown): ArchiveError | null {
  if (error instanceof ArchiveError) return error;
  return error instanceof Error && error.cause instanceof ArchiveError ? error.cause : null;
}

function codeOf(error: unknown): string | null {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  if (!(error instanceof Error)) return null;
  // A body that was ended from our side, after its time had run out.
  if (error.name === 'AbortError' || ('code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'))
    return 'ENDED_EARLY';
  if (!('code' in error) || typeof error.code !== 'string') return null;
  return NETWORK.test(error.code) ? error.code : null;
}
