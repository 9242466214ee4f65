import type { ServingConfig } from '@envarium/config';
import { ArchiveError } from '@envarium/errors';
import type { Digest } from '@envarium/oci';
import type { Store } from '@envarium/storage';
import { sendEmpty } from './oci-reply.js';
import type { OciCall } from './oci-services.js';

/** Below this a second round trip costs more than the bytes. */
const SMALL_BYTES = 256 * 1024;
/** Long enough for a client that queues its layers, short enough for a URL that leaks. */
const URL_SECONDS = 15 * 60;

interface Blob {
  readonly digest: Digest;
  readonly size: number;
}

/**
 * Has the bytes of a blob sent by somebody else, as the configuration says: the object store after a redirect, or the web
 * server in front. The headers of the blob are set before.
 */
export type BlobDelivery = (call: OciCall, blob: Blob) => Promise<void>;

/**
 * How large blobs leave this service; null: it sends them itself.
 * @throws ArchiveError CONFIG_INVALID when the store has not what the mode needs
 */
export function createBlobDelivery(serving: ServingConfig, store: Store): BlobDelivery | null {
  switch (serving.mode) {
    case 'stream':
      return null;
    case 'redirect':
      return redirectTo(store);
    case 'x-accel':
      return handOverTo(store, serving.prefix);
  }
}

/**
 * Answers a GET for a whole, large blob in another way than by sending it, if there is one. Ranges, HEAD and small blobs
 * are always answered here: not every client follows a redirect with a range, nor every store with our entity tags.
 * @returns whether the request is answered
 * @throws ArchiveError BLOB_CORRUPT when the store has not what the database knows
 */
export async function deliverElsewhere(call: OciCall, blob: Blob): Promise<boolean> {
  const { delivery } = call.services;
  const isForUs = call.request.headers.range !== undefined || blob.size <= SMALL_BYTES;
  if (delivery === null || delivery === undefined || isForUs) return false;
  await delivery(call, blob);
  return true;
}

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-blobs allows a redirect. */
function redirectTo(store: Store): BlobDelivery {
  const { urls } = store;
  if (urls === undefined) throw unfit('redirect', store);
  return async (call, blob) => {
    await assertStored(store, blob);
    const contentType = String(call.reply.getHeader('content-type'));
    const url = await urls.presign(blob.digest, { seconds: URL_SECONDS, contentType });
    // What was set tells of the bytes, which this answer has not. The URL expires, so nobody may keep it.
    for (const name of ['etag', 'accept-ranges', 'content-type']) call.reply.removeHeader(name);
    call.reply.headers({ location: url, 'cache-control': 'no-store' });
    await sendEmpty(call.reply, 307);
  };
}

/** https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_ignore_headers; docker/nginx.conf is the other half. */
function handOverTo(store: Store, prefix: string): BlobDelivery {
  const { files } = store;
  if (files === undefined) throw unfit('x-accel', store);
  return async (call, blob) => {
    await assertStored(store, blob);
    // nginx says it by itself, and would say it twice.
    call.reply.removeHeader('accept-ranges');
    await call.reply.header('x-accel-redirect', `${prefix}/${files.pathOf(blob.digest)}`).send();
  };
}

/** A loss must not look like a blob that nobody ever pushed, and whoever sends it would say just that. */
async function assertStored(store: Store, { digest, size }: Blob): Promise<void> {
  const actual = (await store.blobs.stat(digest))?.size ?? null;
  if (actual !== size) throw new ArchiveError('BLOB_CORRUPT', { digest, expected: size, actual });
}

function unfit(mode: string, { kind }: Store): ArchiveError {
  return new ArchiveError('CONFIG_INVALID', {
    problems: [`ENVARIUM_SERVING_MODE: ${mode} is not possible with a store of kind ${kind}`],
  });
}
