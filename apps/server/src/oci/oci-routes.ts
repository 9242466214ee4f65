import { ArchiveError } from '@envarium/errors';
import type { RepositoryRef } from '@envarium/registry';
import { getBlob, headBlob } from './blob-routes.js';
import { listRepositories } from './catalog-routes.js';
import { deleteBlob, deleteManifest } from './delete-routes.js';
import { getManifest, headManifest, putManifest } from './manifest-routes.js';
import { sendJson } from './oci-reply.js';
import type { OciPath } from './oci-route.js';
import type { OciCall, RepositoryCall } from './oci-services.js';
import { listReferrers } from './referrers-routes.js';
import { listTags } from './tag-routes.js';
import { appendToUpload, cancelUpload, closeUpload, getUpload, startUpload } from './upload-routes.js';

/**
 * Who may call:
 *  - `anyone`: the answer itself holds only what the caller may see
 *  - `identified`: any valid token or login, also an anonymous token
 *  - `pull`, `push`: the right to read the repository, or to write to it; a first push makes it
 *  - `push-to-existing`: the right to write, in a repository that is there already
 *  - `pull-if-known`: as `pull`, but an unknown repository is an empty one
 *  - `delete`: the right to write, and a token that was asked for with the action `delete`, where one is used
 */
export type OciRoute =
  | { readonly permission: 'anyone' | 'identified'; readonly handle: (call: OciCall) => Promise<void> }
  | {
      readonly permission: 'pull' | 'push' | 'push-to-existing' | 'delete';
      readonly handle: (call: RepositoryCall) => Promise<void>;
    }
  | {
      readonly permission: 'pull-if-known';
      readonly handle: (call: OciCall & { repository: RepositoryRef | null }) => Promise<void>;
    };

type OciMethod = 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

const ping = async ({ reply }: OciCall): Promise<void> => await sendJson(reply, {});

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#endpoints, and the catalog of Docker. */
export const OCI_ROUTES: Readonly<Record<OciPath['endpoint'], Readonly<Partial<Record<OciMethod, OciRoute>>>>> = {
  base: {
    GET: { permission: 'identified', handle: ping },
    HEAD: { permission: 'identified', handle: ping },
  },
  catalog: {
    GET: { permission: 'anyone', handle: listRepositories },
  },
  blob: {
    GET: { permission: 'pull', handle: getBlob },
    HEAD: { permission: 'pull', handle: headBlob },
    DELETE: { permission: 'delete', handle: deleteBlob },
  },
  uploads: {
    POST: { permission: 'push', handle: startUpload },
  },
  upload: {
    GET: { permission: 'push-to-existing', handle: getUpload },
    PATCH: { permission: 'push-to-existing', handle: appendToUpload },
    PUT: { permission: 'push-to-existing', handle: closeUpload },
    DELETE: { permission: 'push-to-existing', handle: cancelUpload },
  },
  manifest: {
    GET: { permission: 'pull', handle: getManifest },
    HEAD: { permission: 'pull', handle: headManifest },
    PUT: { permission: 'push', handle: putManifest },
    DELETE: { permission: 'delete', handle: deleteManifest },
  },
  tags: {
    GET: { permission: 'pull', handle: listTags },
  },
  referrers: {
    GET: { permission: 'pull-if-known', handle: listReferrers },
  },
};

/**
 * @param onRefused is told the methods that the endpoint does take, for `Allow`
 * @throws ArchiveError METHOD_NOT_ALLOWED
 */
export function requireRoute(
  endpoint: OciPath['endpoint'],
  method: string,
  onRefused: (allow: string) => void,
): OciRoute {
  const routes = Object.entries(OCI_ROUTES[endpoint]);
  const route = routes.find(([name]) => name === method)?.[1];
  if (route !== undefined) return route;
  onRefused(routes.map(([name]) => name).join(', '));
  throw new ArchiveError('METHOD_NOT_ALLOWED', { method, endpoint });
}
