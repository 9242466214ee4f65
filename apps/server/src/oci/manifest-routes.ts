import { ArchiveError } from '@envarium/errors';
import { HEADER_CONTENT_DIGEST, HEADER_SUBJECT, HEADER_TAG, MANIFEST_MAX_SIZE, parseTag } from '@envarium/oci';
import type { StoredManifest } from '@envarium/registry';
import { isNotModified, setContentHeaders, tagCondition } from './content-headers.js';
import { sendEmpty } from './oci-reply.js';
import type { RepositoryCall } from './oci-services.js';
import { readBody } from './request-body.js';

/** The specification asks for ten at least. */
const TAGS_LIMIT = 100;

/** Never negotiated: whatever `Accept` says, the answer is what was pushed, or its digest would be another. */
export async function headManifest(call: RepositoryCall): Promise<void> {
  const manifest = await findManifest(call);
  if (isNotModified(call, manifest.digest)) return await sendEmpty(call.reply, 304);
  await call.reply.header('content-length', manifest.size).send();
}

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests */
export async function getManifest(call: RepositoryCall): Promise<void> {
  const manifest = await findManifest(call);
  if (isNotModified(call, manifest.digest)) return await sendEmpty(call.reply, 304);
  await call.reply.send(await call.services.manifests.bytes(manifest.digest));
}

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests */
export async function putManifest(call: RepositoryCall): Promise<void> {
  const { request, reply, services, identity, repository, reference } = call;
  const tags = requestedTags(call);
  const bytes = await readBody(request.raw, MANIFEST_MAX_SIZE, 'MANIFEST_TOO_LARGE');
  const stored = await services.manifests.put(identity.principal, repository, {
    bytes,
    contentType: request.headers['content-type'],
    reference,
    tags,
    condition: tagCondition(request.headers),
  });
  reply.headers({
    location: `/v2/${repository.name}/manifests/${stored.digest}`,
    [HEADER_CONTENT_DIGEST]: stored.digest,
  });
  if (stored.subject !== null) reply.header(HEADER_SUBJECT, stored.subject);
  if (tags.length > 0) reply.header(HEADER_TAG, tags);
  await sendEmpty(reply, 201);
}

async function findManifest(call: RepositoryCall): Promise<StoredManifest> {
  const { services, repository, reference } = call;
  const manifest = await services.manifests.find(repository, reference);
  setContentHeaders(call, { ...manifest, isNamedByDigest: reference.includes(':') });
  return manifest;
}

/**
 * `?tag=a&tag=b` of a push by digest.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests
 */
function requestedTags({ query, reference }: RepositoryCall): string[] {
  const tags = [...new Set(query.getAll('tag'))];
  if (tags.length > TAGS_LIMIT) throw new ArchiveError('REQUEST_INVALID', { tags: tags.length, limit: TAGS_LIMIT });
  if (tags.length > 0 && !reference.includes(':')) {
    throw new ArchiveError('REQUEST_INVALID', { parameter: 'tag', reason: 'only with a digest in the path' });
  }
  return tags.map((tag) => parseTag(tag));
}
