import { ArchiveError } from '@envarium/errors';
import type { Descriptor } from '../descriptor.js';
import { isDigest, type Digest } from '../digest.js';
import { MANIFEST_MAX_SIZE, parseManifest, type ManifestReference, type ParsedManifest } from '../manifest.js';
import { isManifestMediaType, type ManifestMediaType } from '../media-types.js';
import { readAll, streamSource, type RandomAccessSource } from '../random-access.js';
import { verifyBytes, verifyContent } from '../verified-content.js';

/** An image manifest or index of an archive, with its bytes as they are. */
export interface SourceManifest {
  readonly bytes: Uint8Array;
  readonly mediaType: ManifestMediaType;
  readonly digest: Digest;
}

/** One image in an archive, whatever the archive's format. Everything in it has been checked against its digest, or is when read. */
export interface ImageSource {
  readonly root: SourceManifest;
  /** All image manifests and indexes below the root, without the root, children before those that name them. */
  readonly manifests: ReadonlyMap<Digest, SourceManifest>;
  /** Configs, layers and other blobs that are in the archive, each digest once. */
  readonly blobs: readonly Descriptor[];
  /**
   * What the image manifests name and the archive does not hold: other platforms, layers fetched from elsewhere; and every
   * subject, which is an image of its own even when the archive holds it.
   */
  readonly missing: readonly ManifestReference[];
  /** True when the archive has no image manifest and `root` was made from its parts: the digest is ours, not the publisher's. */
  readonly isDigestDerived: boolean;
  /**
   * Content of a blob, checked while it is read.
   * @throws ArchiveError BLOB_UNKNOWN; and from the stream SIZE_INVALID, DIGEST_INVALID
   */
  blob(digest: Digest): AsyncIterable<Uint8Array>;
}

/** Content by digest; null when it is not there. */
export type OpenContent = (digest: Digest) => Promise<RandomAccessSource | null>;

/** Real images nest two levels and name tens of children. All documents are held in memory. */
const MAX_DEPTH = 8;
const MAX_MANIFESTS = 10_000;
const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;

interface Gathered {
  readonly manifests: Map<Digest, SourceManifest>;
  readonly blobs: Map<Digest, { readonly descriptor: Descriptor; readonly content: RandomAccessSource }>;
  readonly missing: Map<Digest, ManifestReference>;
  manifestBytes: number;
}

/**
 * Reads the image manifests from the root down, and finds every blob.
 * @throws ArchiveError MANIFEST_UNKNOWN when the root is absent; SIZE_INVALID, DIGEST_INVALID, MANIFEST_INVALID or
 *   MANIFEST_TOO_LARGE for what does not hold together; ARCHIVE_INVALID with `reason: 'limit'`
 */
export async function gatherImage(root: Descriptor, open: OpenContent, isDigestDerived = false): Promise<ImageSource> {
  const gathered: Gathered = { manifests: new Map(), blobs: new Map(), missing: new Map(), manifestBytes: 0 };
  const read = await gatherManifest(root, open, gathered, 0);
  if (read === null) throw new ArchiveError('MANIFEST_UNKNOWN', { digest: root.digest });
  gathered.manifests.delete(read.digest);

  return {
    root: read,
    manifests: gathered.manifests,
    blobs: [...gathered.blobs.values()].map(({ descriptor }) => descriptor),
    missing: [...gathered.missing.values()],
    isDigestDerived,
    blob(digest) {
      const blob = gathered.blobs.get(digest);
      if (blob === undefined) throw new ArchiveError('BLOB_UNKNOWN', { digest });
      return verifyContent(streamSource(blob.content), blob.descriptor);
    },
  };
}

/** @returns null when the content is not in the archive */
async function gatherManifest(
  descriptor: Descriptor,
  open: OpenContent,
  gathered: Gathered,
  depth: number,
): Promise<SourceManifest | null> {
  const { digest, mediaType } = descriptor;
  const known = gathered.manifests.get(digest);
  if (known !== undefined) {
    if (known.mediaType === mediaType) return known;
    throw new ArchiveError('MANIFEST_INVALID', { reason: 'media-type-mismatch', digest, mediaType });
  }
  const content = await open(digest);
  if (content === null) return null;
  if (depth > MAX_DEPTH) throw limitError('indexDepth', MAX_DEPTH);
  if (content.size > MANIFEST_MAX_SIZE) {
    throw new ArchiveError('MANIFEST_TOO_LARGE', { digest, size: content.size, limit: MANIFEST_MAX_SIZE });
  }
  gathered.manifestBytes += content.size;
  if (gathered.manifestBytes > MAX_MANIFEST_BYTES) throw limitError('manifestBytes', MAX_MANIFEST_BYTES);

  const bytes = await readAll(content);
  verifyBytes(bytes, descriptor);
  const parsed = parseManifest(bytes, mediaType);
  await gatherReferences(parsed, open, gathered, depth);
  const read = { bytes, mediaType: parsed.mediaType, digest };
  gathered.manifests.set(digest, read);
  if (gathered.manifests.size > MAX_MANIFESTS) throw limitError('manifests', MAX_MANIFESTS);
  return read;
}

async function gatherReferences(
  parsed: ParsedManifest,
  open: OpenContent,
  gathered: Gathered,
  depth: number,
): Promise<void> {
  for (const reference of parsed.references) {
    const { descriptor, kind } = reference;
    // A subject is another image: it is named, not contained.
    const isManifest = kind === 'child' && isManifestMediaType(descriptor.mediaType);
    const isFound =
      kind !== 'subject' &&
      (isManifest
        ? (await gatherManifest(descriptor, open, gathered, depth + 1)) !== null
        : await gatherBlob(descriptor, open, gathered));
    if (!isFound && !gathered.missing.has(descriptor.digest)) gathered.missing.set(descriptor.digest, reference);
  }
}

async function gatherBlob(descriptor: Descriptor, open: OpenContent, gathered: Gathered): Promise<boolean> {
  const { digest, size } = descriptor;
  const content = gathered.blobs.get(digest)?.content ?? (await open(digest));
  if (content === null) return false;
  if (content.size !== size) {
    throw new ArchiveError('SIZE_INVALID', { digest, expected: size, actual: content.size });
  }
  if (!gathered.blobs.has(digest)) gathered.blobs.set(digest, { descriptor, content });
  return true;
}

function limitError(limit: string, value: number): ArchiveError {
  return new ArchiveError('ARCHIVE_INVALID', { reason: 'limit', limit, value });
}

export interface ImageSelection {
  /** Tag or full name, when the archive holds several images. */
  readonly name?: string;
}

/** What docker and podman put before a name that has no host. */
const DEFAULT_HOST = /^(?:docker\.io\/(?:library\/)?|localhost\/)/;

/** Names by which a person may ask: as written, without a host that a tool has added by itself, and by the tag alone. */
function imageNames(written: readonly string[]): string[] {
  return written.flatMap((name) => [name, name.replace(DEFAULT_HOST, ''), name.slice(name.lastIndexOf(':') + 1)]);
}

/** An image that an archive lists, under the names it gives it. */
export interface ListedImage<T> {
  readonly image: T;
  /** As written there; `imageNames` says by which it may be asked for. */
  readonly names: readonly string[];
  /** How a person would recognise it in a refusal. */
  readonly id: string;
}

/**
 * Exactly one image, or a refusal that lists all: an archive never decides silently which of its images was meant.
 * @throws ArchiveError ARCHIVE_INVALID with `reason`: no-image, image-not-found, several-images
 */
export function selectImage<T>(listed: readonly ListedImage<T>[], selection: ImageSelection): T {
  const { name } = selection;
  const wanted = name === undefined ? listed : listed.filter(({ names }) => imageNames(names).includes(name));
  const ids = new Set(wanted.map(({ id }) => id));
  const [first] = wanted;
  if (first !== undefined && ids.size === 1) return first.image;
  const reason = listed.length === 0 ? 'no-image' : first === undefined ? 'image-not-found' : 'several-images';
  throw new ArchiveError('ARCHIVE_INVALID', {
    reason,
    ...(name !== undefined && { name }),
    images: listed.slice(0, 100).map(({ id, names }) => ({ [isDigest(id) ? 'digest' : 'config']: id, names })),
  });
}
