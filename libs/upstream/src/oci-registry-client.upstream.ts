import { setTimeout as sleep } from 'node:timers/promises';
import { ArchiveError } from '@envarium/errors';
import { type Digest, digestOf, isDigest, MANIFEST_MAX_SIZE, type Tag } from '@envarium/oci';
import { RegistryClientV2, RegistryHttpError } from 'oci-registry-client';
import type { ManifestSource, UpstreamCredentials, UpstreamManifest } from './upstream-registry.js';

const DEADLINE = 30_000;

/**
 * What the package `oci-registry-client` does soundly: log in, and get the bytes of an image manifest. It knows neither
 * guard nor clock nor digest, so a deadline and a check stand around it, and no address of a stranger is given to it: it
 * is the second implementation that the contract is tried on, not one that the product connects with.
 */
export class OciRegistryClientUpstream implements ManifestSource {
  private readonly client: RegistryClientV2;

  constructor(host: string, repository: string, credentials: UpstreamCredentials | null, scheme: 'http' | 'https') {
    this.client = new RegistryClientV2({
      name: `${host}/${repository}`,
      scheme,
      insecure: scheme === 'http',
      acceptOCIManifests: true,
      acceptManifestLists: true,
      ...(credentials !== null && { username: credentials.username, password: credentials.password }),
    });
  }

  async resolve(reference: Tag | Digest, signal: AbortSignal) {
    const { digest, mediaType, bytes } = await this.get(reference, signal);
    return { digest, mediaType, size: bytes.length };
  }

  async manifest(digest: Digest, signal: AbortSignal): Promise<UpstreamManifest> {
    return await this.get(digest, signal);
  }

  private async get(reference: Tag | Digest, signal: AbortSignal): Promise<UpstreamManifest> {
    const { bytes, mediaType } = await withDeadline(this.fetch(reference), signal);
    if (bytes.length > MANIFEST_MAX_SIZE)
      throw new ArchiveError('MANIFEST_TOO_LARGE', { reference, limit: MANIFEST_MAX_SIZE });
    const digest = digestOf(bytes);
    if (isDigest(reference) && reference !== digest) {
      throw new ArchiveError('DIGEST_INVALID', { expected: reference, actual: digest });
    }
    return { digest, mediaType, bytes };
  }

  private async fetch(reference: string): Promise<{ bytes: Buffer; mediaType: string }> {
    try {
      const { resp } = await this.client.getManifest({ ref: reference });
      const mediaType = answerOf(resp).headers.get('content-type')?.split(';', 1)[0] ?? '';
      return { bytes: Buffer.from(await resp.dockerBody()), mediaType };
    } catch (error) {
      if (!(error instanceof RegistryHttpError)) throw error;
      const { status } = answerOf(error.resp);
      if (status === 404) throw new ArchiveError('UPSTREAM_UNKNOWN', { reference, status }, { cause: error });
      if (status === 401 || status === 403)
        throw new ArchiveError('UPSTREAM_DENIED', { reference, status }, { cause: error });
      throw new ArchiveError('UPSTREAM_UNAVAILABLE', { reference, status }, { cause: error });
    }
  }
}

/** The types of the package do not say that its answers are those of `node-fetch`. */
function answerOf(response: unknown): { status: number; headers: { get(name: string): string | null } } {
  return response as { status: number; headers: Headers };
}

/** The package may never settle. */
async function withDeadline<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const ended = new AbortController();
  const deadline = sleep(DEADLINE, undefined, { signal: AbortSignal.any([signal, ended.signal]) }).then(
    () => {
      throw new ArchiveError('UPSTREAM_UNAVAILABLE', { reason: 'deadline' });
    },
    () => {
      throw signal.reason;
    },
  );
  try {
    return await Promise.race([work, deadline]);
  } finally {
    deadline.catch(() => {});
    ended.abort();
  }
}
