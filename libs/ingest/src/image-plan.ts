import { ArchiveError } from '@envarium/errors';
import {
  type Digest,
  isManifestMediaType,
  parseDigest,
  type ParsedManifest,
  parseManifest,
  type Tag,
} from '@envarium/oci';
import type { UpstreamRegistry } from '@envarium/upstream';
import type { ProgressCount } from './progress-count.js';

export interface PlannedManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

export interface PlannedBlob {
  readonly digest: Digest;
  readonly size: number;
  /** May be absent over there: layers that may not be distributed. */
  readonly isOptional: boolean;
}

/** Everything that belongs to an image: all platforms, and all that refers to any of it. */
export interface ImagePlan {
  /** Children before parents, the image before what refers to it. */
  readonly manifests: readonly PlannedManifest[];
  readonly blobs: readonly PlannedBlob[];
  /** Of signatures that are found by their tag. */
  readonly tags: readonly { readonly tag: Tag; readonly digest: Digest }[];
}

/** They are held in memory until the blobs are here. */
const MAX_MANIFESTS = 5000;
const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;
const MAX_DEPTH = 16;
const MAX_MISSING = 100;

/**
 * Reads all image manifests, before any blob.
 * @throws ArchiveError UPSTREAM_INVALID when there are too many; as `UpstreamRegistry.manifest` and `parseManifest`
 */
export async function planImage(
  upstream: UpstreamRegistry,
  root: Digest,
  progress: ProgressCount,
  signal: AbortSignal,
): Promise<ImagePlan> {
  const planner = new ImagePlanner(upstream, progress, signal);
  await planner.visit(root, null, 0);
  await planner.visitReferrers();
  return planner.plan();
}

class ImagePlanner {
  private readonly manifests: PlannedManifest[] = [];
  private readonly seen = new Set<string>();
  private readonly blobs = new Map<string, PlannedBlob>();
  private readonly tags: { tag: Tag; digest: Digest }[] = [];
  private size = 0;

  constructor(
    private readonly upstream: UpstreamRegistry,
    private readonly progress: ProgressCount,
    private readonly signal: AbortSignal,
  ) {}

  plan(): ImagePlan {
    return { manifests: this.manifests, blobs: [...this.blobs.values()], tags: this.tags };
  }

  /** @param size as announced by whatever names it; null: nothing does */
  async visit(digest: Digest, size: number | null, depth: number): Promise<void> {
    if (this.seen.has(digest)) return;
    this.seen.add(digest);
    const { bytes, mediaType } = await this.upstream.manifest(digest, this.signal);
    if (size !== null && size !== bytes.length) {
      throw new ArchiveError('SIZE_INVALID', { digest, expected: size, actual: bytes.length });
    }
    this.size += bytes.length;
    if (this.seen.size > MAX_MANIFESTS) throw tooMany(digest, 'manifests', MAX_MANIFESTS);
    if (this.size > MAX_MANIFEST_BYTES) throw tooMany(digest, 'bytes', MAX_MANIFEST_BYTES);
    if (depth > MAX_DEPTH) throw tooMany(digest, 'depth', MAX_DEPTH);
    const parsed = parseManifest(bytes, mediaType);
    await this.visitChildren(parsed, depth);
    this.manifests.push({ digest, mediaType, bytes });
    this.progress.expect('manifests', 1);
  }

  /** What refers to what was found; and, as the list grows, what refers to that. */
  async visitReferrers(): Promise<void> {
    for (let i = 0; i < this.manifests.length; i++) {
      const subject = this.manifests[i];
      if (subject === undefined) return;
      for await (const { descriptor, tag } of this.upstream.referrers(subject.digest, this.signal)) {
        const digest = parseDigest(descriptor.digest);
        const isHere = await this.visitReferrer(digest, descriptor);
        if (isHere && tag !== null) this.tags.push({ tag, digest });
      }
    }
  }

  /** Lists of referrers may name what was removed since, or what no image manifest is: that is noted, and no failure. */
  private async visitReferrer(
    digest: Digest,
    { mediaType, size }: { mediaType: string; size: number },
  ): Promise<boolean> {
    if (!isManifestMediaType(mediaType)) return this.noteMissing(digest);
    try {
      await this.visit(digest, size, 0);
      return true;
    } catch (error) {
      if (!(error instanceof ArchiveError && error.code === 'UPSTREAM_UNKNOWN')) throw error;
      return this.noteMissing(digest);
    }
  }

  private noteMissing(digest: Digest): false {
    if (this.progress.missing.length < MAX_MISSING) this.progress.missing.push(digest);
    return false;
  }

  private async visitChildren(parsed: ParsedManifest, depth: number): Promise<void> {
    for (const { kind, descriptor, isOptional } of parsed.references) {
      if (kind === 'subject') continue;
      const digest = parseDigest(descriptor.digest);
      if (kind === 'child' && isManifestMediaType(descriptor.mediaType)) {
        await this.visit(digest, descriptor.size, depth + 1);
      } else this.addBlob({ digest, size: descriptor.size, isOptional });
    }
  }

  private addBlob(blob: PlannedBlob): void {
    const known = this.blobs.get(blob.digest);
    if (known !== undefined && known.size !== blob.size) {
      throw new ArchiveError('SIZE_INVALID', { digest: blob.digest, expected: known.size, actual: blob.size });
    }
    if (known === undefined) {
      this.progress.expect('blobs', 1);
      this.progress.expect('bytes', blob.size);
    }
    if (known === undefined || known.isOptional) this.blobs.set(blob.digest, blob);
  }
}

function tooMany(digest: Digest, what: string, limit: number): ArchiveError {
  return new ArchiveError('UPSTREAM_INVALID', { digest, reason: `too-many-${what}`, limit });
}
