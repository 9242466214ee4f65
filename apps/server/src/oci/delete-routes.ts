import { parseDigest } from '@envarium/oci';
import { sendEmpty } from './oci-reply.js';
import type { RepositoryCall } from './oci-services.js';

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#deleting-tags and #deleting-manifests */
export async function deleteManifest({
  services,
  identity,
  repository,
  reference,
  reply,
}: RepositoryCall): Promise<void> {
  await services.deletion.deleteManifest(identity.principal, repository, reference);
  await sendEmpty(reply, 202);
}

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#deleting-blobs */
export async function deleteBlob({ services, identity, repository, reference, reply }: RepositoryCall): Promise<void> {
  await services.deletion.deleteBlob(identity.principal, repository, parseDigest(reference));
  await sendEmpty(reply, 202);
}
