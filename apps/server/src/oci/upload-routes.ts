import { ArchiveError } from '@envarium/errors';
import { HEADER_CONTENT_DIGEST, HEADER_UPLOAD_UUID, parseDigest, RepositoryName } from '@envarium/oci';
import type { UploadStatus } from '@envarium/registry';
import { mountReader, readerAnywhere } from './oci-auth.js';
import { sendEmpty } from './oci-reply.js';
import type { RepositoryCall } from './oci-services.js';
import { parseContentRange } from './range-headers.js';
import { bodySource, hasBody, whileReceiving } from './request-body.js';

/*
 * Every Location is relative: behind a proxy that ends TLS an absolute one is the commonest fault of self-hosting, and
 * every client resolves it. The state of an upload is in the database, so an old Location stays valid.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-blobs
 */

/** POST: opens an upload, or with `?mount=` or `?digest=` is done at once. */
export async function startUpload(call: RepositoryCall): Promise<void> {
  const { query, repository, services, identity } = call;
  assertAlgorithm(query.get('digest-algorithm'));
  const mount = query.get('mount');
  if (mount !== null && (await mountBlob(call, mount, query.get('from')))) return await sendBlobCreated(call, mount);
  const digest = mount === null ? query.get('digest') : null;
  if (digest !== null) return await putInOneRequest(call, digest);
  const status = await services.uploads.start(identity.principal, repository);
  setUploadHeaders(call, status);
  await sendEmpty(call.reply, 202);
}

/** GET: where the upload stands. */
export async function getUpload(call: RepositoryCall): Promise<void> {
  setUploadHeaders(call, await call.services.uploads.status(call.repository, call.reference));
  await sendEmpty(call.reply, 204);
}

/** PATCH: a chunk with `Content-Range`, or all of the blob as a stream without. */
export async function appendToUpload(call: RepositoryCall): Promise<void> {
  setUploadHeaders(call, await append(call));
  await sendEmpty(call.reply, 202);
}

/**
 * PUT: closes the upload, with the last bytes in its body or without any. A client that lost the answer may send the same
 * request again.
 */
export async function closeUpload(call: RepositoryCall): Promise<void> {
  const { query, request, repository, services, reference } = call;
  const text = query.get('digest');
  if (text === null) throw new ArchiveError('DIGEST_INVALID', { parameter: 'digest', reason: 'missing' });
  const digest = parseDigest(text);
  if (hasBody(request.raw)) {
    try {
      await append(call);
    } catch (error) {
      // The upload may be over because the first such request closed it: then `commit` repeats its answer.
      if (!(error instanceof ArchiveError && error.code === 'BLOB_UPLOAD_UNKNOWN')) throw error;
    }
  }
  await services.uploads.commit(repository, reference, digest);
  await sendBlobCreated(call, digest);
}

/** DELETE: gives the upload up; needs the right to push only, as clients cancel what they began. */
export async function cancelUpload(call: RepositoryCall): Promise<void> {
  await call.services.uploads.cancel(call.repository, call.reference);
  await sendEmpty(call.reply, 204);
}

async function append(call: RepositoryCall): Promise<UploadStatus> {
  const { request, repository, services, reference } = call;
  const range = parseContentRange(request.headers['content-range']);
  const source = bodySource(request.raw, range?.length ?? null);
  try {
    return await whileReceiving(request.raw, () =>
      services.uploads.append(repository, reference, range?.start ?? null, source),
    );
  } catch (error) {
    if (error instanceof ArchiveError && error.code === 'BLOB_UPLOAD_OFFSET') {
      setUploadHeaders(call, await services.uploads.status(repository, reference));
    }
    throw error;
  }
}

async function putInOneRequest(call: RepositoryCall, text: string): Promise<void> {
  const { request, repository, services, identity } = call;
  const digest = parseDigest(text);
  const { id } = await services.uploads.start(identity.principal, repository);
  try {
    await whileReceiving(request.raw, () => services.uploads.append(repository, id, 0, request.raw));
    await services.uploads.commit(repository, id, digest);
  } catch (error) {
    await discard(call, id);
    throw error;
  }
  await sendBlobCreated(call, digest);
}

/** Nobody was told the id of this upload, so nobody can go on with it. */
async function discard({ services, repository, request }: RepositoryCall, id: string): Promise<void> {
  try {
    await services.uploads.cancel(repository, id);
  } catch (error) {
    // A refused commit ended it already; anything else is left to expire.
    request.log.debug({ err: error }, 'upload not cancelled');
  }
}

/** Whatever hinders a mount opens an upload instead: a refusal would tell that the other repository exists. */
async function mountBlob(call: RepositoryCall, text: string, from: string | null): Promise<boolean> {
  const { identity, repository, services } = call;
  const digest = parseDigest(text);
  // A token of some repositories finds nothing in others; but the public ones are everybody's.
  if (from === null) return await services.blobs.mount(readerAnywhere(identity), repository, null, digest);
  const source = RepositoryName.safeParse(from);
  if (!source.success) return false;
  const reader = await mountReader(services, identity, repository.name, source.data);
  return await services.blobs.mount(reader, repository, source.data, digest);
}

/** An algorithm that cannot be checked at the end is refused before bytes are sent. */
function assertAlgorithm(algorithm: string | null): void {
  if (algorithm === null || algorithm === 'sha256' || algorithm === 'sha512') return;
  throw new ArchiveError('DIGEST_INVALID', { algorithm: algorithm.slice(0, 32), reason: 'unsupported-algorithm' });
}

function setUploadHeaders({ reply, repository }: RepositoryCall, { id, received }: UploadStatus): void {
  reply.headers({
    location: `/v2/${repository.name}/blobs/uploads/${id}`,
    // The last byte, not the length: `0-0` also stands for nothing, as every client expects.
    range: `0-${Math.max(received - 1, 0)}`,
    [HEADER_UPLOAD_UUID]: id,
  });
}

async function sendBlobCreated({ reply, repository }: RepositoryCall, digest: string): Promise<void> {
  reply.headers({ location: `/v2/${repository.name}/blobs/${digest}`, [HEADER_CONTENT_DIGEST]: digest });
  await sendEmpty(reply, 201);
}
