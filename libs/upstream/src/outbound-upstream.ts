import { ArchiveError } from '@envarium/errors';
import {
  type Digest,
  digestAlgorithm,
  digestEncoded,
  digestOf,
  HEADER_CONTENT_DIGEST,
  ImageIndex,
  isDigest,
  isManifestMediaType,
  isSchema1Type,
  MANIFEST_MAX_SIZE,
  MANIFEST_MEDIA_TYPES,
  OCI_IMAGE_INDEX,
  parseTag,
  type Tag,
} from '@envarium/oci';
import type { Outbound, OutboundResponse } from '@envarium/outbound';
import { z } from 'zod';
import { BACK_OFF, type BackOff, waitAfter } from './back-off.js';
import { PageTrail } from './next-page.js';
import { RegistrySession, type SessionTarget } from './registry-session.js';
import { refusedStatus } from './upstream-failure.js';
import type { UpstreamManifest, UpstreamReferrer, UpstreamRegistry } from './upstream-registry.js';

const TagList = z.object({ tags: z.array(z.string()).nullish() });
const ReferrerList = ImageIndex.pick({ manifests: true });
/** https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md#storage */
const COSIGN_SUFFIXES = ['sig', 'att', 'sbom'] as const;
/** So much more of a blob makes a broken connection worth its next five tries. */
const PROGRESS = 1024 * 1024;

/** Another registry by way of the guarded outbound connections. */
export class OutboundUpstream implements UpstreamRegistry {
  private readonly session: RegistrySession;

  constructor(
    outbound: Outbound,
    private readonly target: SessionTarget,
    private readonly backOff: BackOff = BACK_OFF,
  ) {
    this.session = new RegistrySession(outbound, target, backOff);
  }

  async resolve(reference: Tag | Digest, signal: AbortSignal) {
    const { digest, mediaType, bytes } = await this.require(reference, signal);
    return { digest, mediaType, size: bytes.length };
  }

  async manifest(digest: Digest, signal: AbortSignal): Promise<UpstreamManifest> {
    return await this.require(digest, signal);
  }

  async *blob(
    { digest, size }: { digest: Digest; size: number },
    from: number,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    let offset = from;
    let startedAt = from;
    for (let tried = 1; offset < size; tried++) {
      try {
        for await (const chunk of this.blobFrom(digest, size, offset, signal)) {
          offset += chunk.length;
          yield chunk;
        }
        if (offset < size)
          throw new ArchiveError('UPSTREAM_UNAVAILABLE', { ...this.what(digest), reason: 'truncated' });
      } catch (error) {
        if (offset - startedAt >= PROGRESS) tried = 1;
        startedAt = offset;
        await waitAfter(error, tried, this.backOff, signal);
      }
    }
  }

  async *tags(signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    const trail = new PageTrail();
    for (let path: string | URL | null = this.path('tags/list?n=1000'); path !== null;) {
      const request = { path, headers: { accept: 'application/json' }, signal };
      const { response, bytes } = await this.session.document(request, MANIFEST_MAX_SIZE);
      if (response.status !== 200) throw refusedStatus(response, { repository: this.target.repository });
      yield* parseDocument(TagList, bytes, response, 'tags-malformed').tags ?? [];
      path = trail.next(response);
    }
  }

  async *referrers(digest: Digest, signal: AbortSignal): AsyncGenerator<UpstreamReferrer, void, undefined> {
    const isListed = yield* this.listedReferrers(digest, signal);
    if (!isListed) yield* this.fallbackReferrers(digest, signal);
    for (const suffix of COSIGN_SUFFIXES) {
      const tag = parseTag(`${schemaTag(digest)}.${suffix}`);
      const found = await this.find(tag, signal);
      if (found === null) continue;
      yield { descriptor: { mediaType: found.mediaType, digest: found.digest, size: found.bytes.length }, tag };
    }
  }

  /**
   * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers
   * @returns false where there is no such interface
   */
  private async *listedReferrers(digest: Digest, signal: AbortSignal): AsyncGenerator<UpstreamReferrer, boolean> {
    const trail = new PageTrail();
    for (let path: string | URL | null = this.path(`referrers/${digest}`); path !== null;) {
      const page = await this.referrersPage(path, signal);
      if (page === null) return false;
      for (const descriptor of page.descriptors) yield { descriptor, tag: null };
      path = trail.next(page.response);
    }
    return true;
  }

  private async referrersPage(path: string | URL, signal: AbortSignal) {
    const request = { path, headers: { accept: OCI_IMAGE_INDEX }, signal };
    try {
      const { response, bytes } = await this.session.document(request, MANIFEST_MAX_SIZE);
      if (response.status !== 200 || mediaTypeOf(response) !== OCI_IMAGE_INDEX) return null;
      const list = parseDocument(ReferrerList, bytes, response, 'referrers-malformed');
      return { response, descriptors: list.manifests ?? [] };
    } catch (error) {
      // Some registries hide what they do not have behind a refusal; the manifests themselves were readable.
      if (error instanceof ArchiveError && error.code === 'UPSTREAM_DENIED') return null;
      throw error;
    }
  }

  /** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema */
  private async *fallbackReferrers(digest: Digest, signal: AbortSignal): AsyncGenerator<UpstreamReferrer, void> {
    const found = await this.find(parseTag(schemaTag(digest)), signal);
    if (found === null || found.mediaType !== OCI_IMAGE_INDEX) return;
    const list = ReferrerList.safeParse(parseJson(found.bytes));
    for (const descriptor of list.data?.manifests ?? []) yield { descriptor, tag: null };
  }

  private async require(reference: Tag | Digest, signal: AbortSignal): Promise<UpstreamManifest> {
    const found = await this.find(reference, signal);
    if (found === null) throw new ArchiveError('UPSTREAM_UNKNOWN', this.what(reference));
    return found;
  }

  private async find(reference: Tag | Digest, signal: AbortSignal): Promise<UpstreamManifest | null> {
    const headers = { accept: MANIFEST_MEDIA_TYPES.join(', ') };
    const request = { path: this.path(`manifests/${reference}`), headers, signal };
    const { response, bytes } = await this.session.document(request, MANIFEST_MAX_SIZE).catch((error: unknown) => {
      if (!(error instanceof ArchiveError) || error.detail['reason'] !== 'too-large') throw error;
      throw new ArchiveError(
        'MANIFEST_TOO_LARGE',
        { ...this.what(reference), limit: MANIFEST_MAX_SIZE },
        { cause: error },
      );
    });
    if (response.status === 404) return null;
    if (response.status !== 200) throw refusedStatus(response, this.what(reference));
    const mediaType = mediaTypeOf(response);
    if (isSchema1Type(mediaType)) {
      throw new ArchiveError('MANIFEST_INVALID', { ...this.what(reference), reason: 'docker-schema-1' });
    }
    if (!isManifestMediaType(mediaType)) {
      throw new ArchiveError('UPSTREAM_INVALID', { ...this.what(reference), reason: 'media-type', mediaType });
    }
    return { digest: this.digestOf(reference, bytes, response), mediaType, bytes };
  }

  /** Ours; what the other side says of it must agree. */
  private digestOf(reference: Tag | Digest, bytes: Buffer, response: OutboundResponse): Digest {
    if (isDigest(reference)) {
      const actual = digestOf(bytes, digestAlgorithm(reference));
      if (actual !== reference) throw new ArchiveError('DIGEST_INVALID', { expected: reference, actual });
      return reference;
    }
    const said = response.headers[HEADER_CONTENT_DIGEST.toLowerCase()];
    if (isDigest(said) && digestOf(bytes, digestAlgorithm(said)) !== said) {
      throw new ArchiveError('DIGEST_INVALID', { ...this.what(reference), expected: said, actual: digestOf(bytes) });
    }
    return digestOf(bytes);
  }

  private async *blobFrom(
    digest: Digest,
    size: number,
    offset: number,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const headers = { accept: '*/*', ...(offset > 0 && { range: `bytes=${offset}-` }) };
    const response = await this.session.get({ path: this.path(`blobs/${digest}`), headers, signal });
    const start = startOf(response, offset);
    if (start === null) {
      response.discard();
      throw refusedStatus(response, this.what(digest));
    }
    const announced = response.headers['content-length'];
    if (announced !== undefined && Number(announced) !== size - start) {
      response.discard();
      throw new ArchiveError('UPSTREAM_INVALID', {
        ...this.what(digest),
        reason: 'length',
        expected: size - start,
        actual: Number(announced),
      });
    }
    // A server that does not know ranges sends it all again.
    let skip = offset - start;
    let left = size - offset;
    for await (const chunk of response.body) {
      const fresh = chunk.subarray(Math.min(skip, chunk.length));
      skip -= chunk.length - fresh.length;
      if (fresh.length > left)
        throw new ArchiveError('UPSTREAM_INVALID', { ...this.what(digest), reason: 'too-large', limit: size });
      left -= fresh.length;
      if (fresh.length > 0) yield fresh;
    }
  }

  private path(rest: string): string {
    return `/v2/${this.target.repository}/${rest}`;
  }

  private what(reference: string) {
    return { host: this.session.host, repository: this.target.repository, reference };
  }
}

/** Where in the blob an answer starts; null when it is not (this part of) the blob. */
function startOf({ status, headers }: OutboundResponse, offset: number): number | null {
  if (status === 200) return 0;
  if (status !== 206) return null;
  const range = /^bytes (?<start>\d{1,15})-\d+\/(?:\d+|\*)$/.exec(headers['content-range'] ?? '');
  return Number(range?.groups?.['start'] ?? -1) === offset ? offset : null;
}

function schemaTag(digest: Digest): string {
  return `${digestAlgorithm(digest)}-${digestEncoded(digest).slice(0, 64)}`;
}

function mediaTypeOf({ headers }: OutboundResponse): string {
  return (headers['content-type']?.split(';', 1)[0] ?? '').trim().toLowerCase().slice(0, 255);
}

function parseDocument<T>(schema: z.ZodType<T>, bytes: Buffer, { url }: OutboundResponse, reason: string): T {
  const result = schema.safeParse(parseJson(bytes));
  if (result.success) return result.data;
  throw new ArchiveError('UPSTREAM_INVALID', { host: url.host, reason });
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}
