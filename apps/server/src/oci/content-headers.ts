import type { IncomingHttpHeaders } from 'node:http';
import { type Digest, HEADER_CONTENT_DIGEST } from '@envarium/oci';
import type { TagCondition } from '@envarium/registry';
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
  const tags = entityTags(request.headers['if-none-match']);
  return tags === 'any' || (tags?.includes(digest) ?? false);
}

/** What a push by tag says of the tag's present place: @sigstore/oci and others guard read-change-write with it. */
export function tagCondition(headers: IncomingHttpHeaders): TagCondition {
  return { is: entityTags(headers['if-match']), isNot: entityTags(headers['if-none-match']) };
}

/** The digests in a list of entity tags; what is no digest stays as it is, and equals none. */
function entityTags(header: string | undefined): readonly string[] | 'any' | undefined {
  if (header === undefined) return undefined;
  const tags = header.split(',').map((tag) => tag.trim().replace(/^(?:W\/)?"?|"$/g, ''));
  return tags.includes('*') ? 'any' : tags;
}

export function entityTag(digest: Digest): string {
  return `"${digest}"`;
}
