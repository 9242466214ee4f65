import { ArchiveError } from '@envarium/errors';
import { HEADER_CONTENT_DIGEST, tarEntries, tarRange, type TarRange } from '@envarium/oci';
import type { ImageArchiveService, RepositoryImageArchive } from '@envarium/registry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendBody, writeHead } from '../http/raw-body.js';
import { parseRanges } from '../oci/range-headers.js';

export interface NamedImageArchive {
  readonly archive: RepositoryImageArchive;
  readonly repository: string;
  /** As it was asked for. */
  readonly platform: string | null;
  /** A shared cache may keep only what nobody had to log in for. */
  readonly isPublic: boolean;
}

/**
 * Sends an archive, or a part of it, as it is read from the store. Every blob is compared with its row and its digest on the
 * way, and the connection breaks at the first that is not right.
 * @throws ArchiveError RANGE_INVALID, BLOB_CORRUPT, CLIENT_CLOSED_REQUEST
 */
export async function sendImageArchive(
  request: FastifyRequest,
  reply: FastifyReply,
  archives: ImageArchiveService,
  { archive, repository, platform, isPublic }: NamedImageArchive,
): Promise<void> {
  const entityTag = `"${archive.identity}"`;
  reply.headers({
    etag: entityTag,
    // A tag moves, and a later release may order the same contents otherwise: caches must ask.
    'cache-control': isPublic ? 'no-cache' : 'private, no-cache',
    [HEADER_CONTENT_DIGEST]: archive.digest,
  });
  if (isNotModified(request, entityTag)) return void writeHead(reply, 304).end();
  const range = selectedRange(request, reply, entityTag, archive.length);
  reply.headers({
    'content-type': 'application/x-tar',
    'content-length': range === null ? archive.length : range.end - range.start + 1,
    'content-disposition': `attachment; filename="${fileName(repository, archive.tag, platform)}"`,
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
    ...(range !== null && { 'content-range': `bytes ${range.start}-${range.end}/${archive.length}` }),
  });
  if (request.method === 'HEAD') return void writeHead(reply, 200).end();
  await archives.requireStored(archive);
  const content = range === null ? tarEntries(archive.entries) : tarRange(archive.entries, range);
  await sendBody(writeHead(reply, range === null ? 200 : 206), content);
}

function isNotModified(request: FastifyRequest, entityTag: string): boolean {
  const tags = (request.headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(entityTag) || tags.includes('*');
}

/** One range, with which a broken download goes on; several are the whole. */
function selectedRange(
  { method, headers }: FastifyRequest,
  reply: FastifyReply,
  entityTag: string,
  size: number,
): TarRange | null {
  const ifRange = headers['if-range'];
  if (method === 'HEAD' || (ifRange !== undefined && ifRange !== entityTag)) return null;
  try {
    const ranges = parseRanges(headers.range, size);
    return ranges?.length === 1 ? (ranges[0] ?? null) : null;
  } catch (error) {
    if (error instanceof ArchiveError) reply.header('content-range', `bytes */${size}`);
    throw error;
  }
}

/** Names, tags and platforms have grammars without anything that would end the quotation. */
function fileName(repository: string, tag: string, platform: string | null): string {
  const parts = [repository.split('/').at(-1) ?? repository, tag, ...(platform?.split('/') ?? [])];
  return `${parts.join('-')}.tar`;
}
