import { ArchiveError } from '@envarium/errors';
import { digestAlgorithm, digestEncoded, isDigest, type Digest } from '@envarium/oci';
import { decodeTime, isValid } from 'ulid';

/*
 * What a store holds, the same in a directory and in a bucket. The store is the archive and the database its index, so
 * these names must make sense to somebody who has nothing but `ls` and `sha256sum`.
 *
 *   oci-layout                              marks the store as ours; content as in image-layout.md#oci-layout-file
 *   blobs/<algorithm>/<hex[0:2]>/<hex>      content, named by its digest; mode 0444, written once, never changed
 *   journal/<yyyy>/<mm>/<ulid>.json         facts that are not content; written once; path order = id order
 *   staging/                                the only thing that expires by itself
 *     <upload id>                           bytes of an upload in progress (S3: key of its multipart upload)
 *     <upload id>.<uuid>.writing            directory only: the same, while somebody writes to it
 *     <upload id>.json                      S3 only: where the upload stands, so that any process can go on
 *     <upload id>.tail-<part number>        S3 only: the bytes after the last whole part
 *     <uuid>.put                            content on its way in, not yet verified
 *     <uuid>.entry                          journal entry on its way in
 *
 * Two hex digits keep a directory at 1/256 of the blobs; but for them this is the `blobs` directory of
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md.
 */
export const LAYOUT_FILE = 'oci-layout';
export const LAYOUT_CONTENT = '{"imageLayoutVersion":"1.0.0"}';
export const BLOBS = 'blobs';
export const JOURNAL = 'journal';
export const STAGING = 'staging';

/** A dot in an upload id could collide with the suffixes above, a slash could leave the folder. */
const UPLOAD_ID = /^[A-Za-z0-9_-]{1,128}$/;
const BLOB_KEY = /^blobs\/(?<algorithm>[a-z0-9]+)\/(?<shard>[0-9a-f]{2})\/(?<encoded>[0-9a-f]+)$/;
const JOURNAL_KEY = /^journal\/\d{4}\/\d{2}\/(?<id>[0-9A-Z]{26})\.json$/;

export function blobKey(digest: Digest): string {
  const encoded = digestEncoded(digest);
  return `${BLOBS}/${digestAlgorithm(digest)}/${encoded.slice(0, 2)}/${encoded}`;
}

/** The key of a blob below the `blobs` directory. */
export function pathBelowBlobs(digest: Digest): string {
  return blobKey(digest).slice(BLOBS.length + 1);
}

/** The digest that a key stands for; null when the key is not the place of any blob. */
export function digestOfKey(key: string): Digest | null {
  const groups = BLOB_KEY.exec(key)?.groups;
  if (groups === undefined) return null;
  const digest = `${groups['algorithm']}:${groups['encoded']}`;
  return isDigest(digest) && blobKey(digest) === key ? digest : null;
}

/**
 * Year and month are those in the id, not those of the event: only so does listing the folders give id order.
 * @throws ArchiveError REQUEST_INVALID when `id` is not a ULID
 */
export function journalKey(id: string): string {
  if (!isValid(id) || id !== id.toUpperCase()) throw new ArchiveError('REQUEST_INVALID', { field: 'id', value: id });
  const [year, month] = new Date(decodeTime(id)).toISOString().split('-');
  return `${JOURNAL}/${year}/${month}/${id}.json`;
}

/** The id that a key stands for; null when the key is not the place of any journal entry. */
export function journalIdOfKey(key: string): string | null {
  return JOURNAL_KEY.exec(key)?.groups?.['id'] ?? null;
}

/** @throws ArchiveError BLOB_UPLOAD_UNKNOWN when no upload can have this id */
export function stagingKey(uploadId: string): string {
  if (!UPLOAD_ID.test(uploadId)) throw new ArchiveError('BLOB_UPLOAD_UNKNOWN', { id: uploadId.slice(0, 128) });
  return `${STAGING}/${uploadId}`;
}
