import { ArchiveError } from '@envarium/errors';
import { HEADER_FILTERS_APPLIED, OCI_IMAGE_INDEX, parseDigest } from '@envarium/oci';
import type { RepositoryRef } from '@envarium/registry';
import { sendJson, setNextLink } from './oci-reply.js';
import type { OciCall } from './oci-services.js';
import { textParameter } from './page-query.js';

/**
 * Always an index: a 404 would tell clients that there is no referrers API, and they would fall back to tags.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers
 */
export async function listReferrers(call: OciCall & { repository: RepositoryRef | null }): Promise<void> {
  const { query, services, reply, repository } = call;
  const subject = parseDigest(call.reference);
  const artifactType = textParameter(query, 'artifactType');
  const after = parseAfter(query.get('after'));
  const { descriptors, next } =
    repository === null
      ? { descriptors: [], next: null }
      : await services.referrers.list(repository.id, subject, { artifactType, after });
  if (artifactType !== null) reply.header(HEADER_FILTERS_APPLIED, 'artifactType');
  if (next !== null && repository !== null) {
    const filter = artifactType === null ? {} : { artifactType };
    setNextLink(reply, `/v2/${repository.name}/referrers/${subject}`, { ...filter, after: next.toString() });
  }
  await sendJson(reply, { schemaVersion: 2, mediaType: OCI_IMAGE_INDEX, manifests: descriptors }, OCI_IMAGE_INDEX);
}

function parseAfter(text: string | null): bigint | null {
  if (text === null) return null;
  if (!/^\d{1,18}$/.test(text)) throw new ArchiveError('REQUEST_INVALID', { parameter: 'after' });
  return BigInt(text);
}
