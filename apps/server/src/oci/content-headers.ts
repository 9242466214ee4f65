import { type Digest, HEADER_CONTENT_DIGEST } from '@envarium/oci';
import type { OciCall } from './oci-services.js';

const IMMUTABLE = 'max-age=31536000, immutable';

/**
 * Headers of content that a digest names; the digest is the entity tag.
 * @param isNamedByDigest false for a tag: it may point elsewhere tomorrow, so caches must ask
 */
export function setContentHeaders(
  { reply, identity }: OciCall,
  content: { digest: Digest; mediaType: string; isNamedByDigest: boolean },
): void {
  // A shared cache may keep only what nobody had to log in for.
  const isPublic = identity.principal.kind === 'anonymous';
  reply.headers({
    'content-type': content.mediaType,
    [HEADER_CONTENT_DIGEST]: content.digest,
    etag: entityTag(content.digest),
    'cache-control': content.isNamedByDigest ? `${isPublic ? '' : 'private, '}${IMMUTABLE}` : 'no-cache',
  });
}

/** RFC 9110 section 13.1.2. Docker asks with the bare digest as well. */
export function isNotModified({ request }: OciCall, digest: Digest): boolean {
  const header = request.headers['if-none-match'];
  if (header === undefined) return false;
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.some((tag) => tag === '*' || tag === entityTag(digest) || tag === digest);
}

export function entityTag(digest: Digest): string {
  return `"${digest}"`;
}
