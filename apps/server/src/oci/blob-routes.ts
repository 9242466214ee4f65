import { ArchiveError } from '@envarium/errors';
import { type Digest, parseDigest } from '@envarium/oci';
import type { BlobReader, ByteRange } from '@envarium/storage';
import { sendBody, writeHead } from '../http/raw-body.js';
import { deliverElsewhere } from './blob-delivery.js';
import { entityTag, isNotModified, setContentHeaders } from './content-headers.js';
import { layOutRanges } from './multipart-ranges.js';
import { sendEmpty } from './oci-reply.js';
import type { RepositoryCall } from './oci-services.js';
import { parseRanges } from './range-headers.js';

const OCTET_STREAM = 'application/octet-stream';

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#checking-if-content-exists-in-the-registry */
export async function headBlob(call: RepositoryCall): Promise<void> {
  const { digest, size } = await findBlob(call);
  if (isNotModified(call, digest)) return await sendEmpty(call.reply, 304);
  await call.reply.header('content-length', size).send();
}

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-blobs */
export async function getBlob(call: RepositoryCall): Promise<void> {
  const { reply } = call;
  const { digest, size } = await findBlob(call);
  if (isNotModified(call, digest)) return await sendEmpty(reply, 304);
  if (await deliverElsewhere(call, { digest, size })) return;
  const ranges = selectedRanges(call, digest, size);
  if (ranges !== null && ranges.length > 1) return await sendRanges(call, digest, size, ranges);
  const [range = null] = ranges ?? [];
  const reader = await openBlob(call, digest, size, range);
  if (range !== null) reply.header('content-range', `bytes ${range.start}-${range.end}/${size}`);
  reply.header('content-length', reader.length);
  await reader.pipeTo(writeHead(reply, range === null ? 200 : 206));
}

/** The first part is opened before the answer begins, so that a blob that is lost is still told as a failure. */
async function sendRanges(
  call: RepositoryCall,
  digest: Digest,
  size: number,
  ranges: readonly ByteRange[],
): Promise<void> {
  const { contentType, contentLength, parts, tail } = layOutRanges(ranges, size, OCTET_STREAM);
  const readers = [await openBlob(call, digest, size, ranges[0] ?? null)];
  async function* body(): AsyncGenerator<Uint8Array> {
    for (const { head, range } of parts) {
      yield head;
      yield* readers.shift() ?? (await openBlob(call, digest, size, range));
    }
    yield tail;
  }
  call.reply.headers({ 'content-type': contentType, 'content-length': contentLength });
  try {
    await sendBody(writeHead(call.reply, 206), body());
  } finally {
    // Of a client that left before the first byte.
    await readers[0]?.close();
  }
}

async function findBlob(call: RepositoryCall): Promise<{ digest: Digest; size: number }> {
  const digest = parseDigest(call.reference);
  const size = await call.services.blobs.size(call.repository, digest);
  setContentHeaders(call, { digest, mediaType: OCTET_STREAM, isNamedByDigest: true });
  call.reply.header('accept-ranges', 'bytes');
  return { digest, size };
}

function selectedRanges({ request, reply }: RepositoryCall, digest: Digest, size: number): readonly ByteRange[] | null {
  const ifRange = request.headers['if-range'];
  if (ifRange !== undefined && ifRange !== entityTag(digest)) return null;
  try {
    return parseRanges(request.headers.range, size);
  } catch (error) {
    reply.header('content-range', `bytes */${size}`);
    throw error;
  }
}

/** What the database knows and the store has not is a loss, and must not look like a blob that nobody ever pushed. */
async function openBlob(
  { services }: RepositoryCall,
  digest: Digest,
  size: number,
  range: ByteRange | null,
): Promise<BlobReader> {
  let reader: BlobReader;
  try {
    reader = await services.blobs.open(digest, range ?? undefined);
  } catch (error) {
    const isLost = error instanceof ArchiveError && (error.code === 'BLOB_UNKNOWN' || error.code === 'RANGE_INVALID');
    if (isLost) throw new ArchiveError('BLOB_CORRUPT', { digest, expected: size, actual: null }, { cause: error });
    throw error;
  }
  if (reader.size === size) return reader;
  await reader.close();
  throw new ArchiveError('BLOB_CORRUPT', { digest, expected: size, actual: reader.size });
}
