import { ArchiveError } from '@envarium/errors';
import {
  type Digest,
  digestOf,
  OCI_IMAGE_INDEX,
  OCI_IMAGE_MANIFEST,
  parseDigest,
  parseTag,
  type Tag,
} from '@envarium/oci';
import type { UpstreamManifest, UpstreamReferrer, UpstreamRegistry } from '@envarium/upstream';
import { describe, expect, it } from 'vitest';
import { planImage } from './image-plan.js';
import { ProgressCount } from './progress-count.js';

const signal = new AbortController().signal;
const blob = (text: string, size = text.length) => ({
  mediaType: 'application/octet-stream',
  digest: digestOf(Buffer.from(text)),
  size,
});

/** A registry in memory: what the port promises, without a network. */
class MemoryUpstream implements UpstreamRegistry {
  readonly manifests = new Map<string, UpstreamManifest>();
  readonly listed = new Map<string, UpstreamReferrer[]>();

  add(document: { readonly mediaType: string; readonly [field: string]: unknown }) {
    const bytes = Buffer.from(JSON.stringify(document));
    const digest = digestOf(bytes);
    this.manifests.set(digest, { digest, mediaType: document.mediaType, bytes });
    return { mediaType: document.mediaType, digest, size: bytes.length };
  }

  image(name: string, layers = [blob(name)], extra: object = {}) {
    return this.add({ schemaVersion: 2, mediaType: OCI_IMAGE_MANIFEST, config: blob('{}'), layers, ...extra });
  }

  index(manifests: readonly object[]) {
    return this.add({ schemaVersion: 2, mediaType: OCI_IMAGE_INDEX, manifests });
  }

  refer(subject: { digest: string }, descriptor: UpstreamReferrer['descriptor'], tag: Tag | null = null): void {
    this.listed.set(subject.digest, [...(this.listed.get(subject.digest) ?? []), { descriptor, tag }]);
  }

  async manifest(digest: Digest): Promise<UpstreamManifest> {
    const found = this.manifests.get(digest);
    if (found === undefined) throw new ArchiveError('UPSTREAM_UNKNOWN', { reference: digest });
    return found;
  }

  async *referrers(digest: Digest): AsyncGenerator<UpstreamReferrer> {
    yield* this.listed.get(digest) ?? [];
  }

  async resolve(): Promise<never> {
    throw new Error('not asked here');
  }
  async *blob(): AsyncGenerator<never> {}
  async *tags(): AsyncGenerator<never> {}
}

describe('ingest/image-plan', () => {
  const plan = async (upstream: MemoryUpstream, root: { digest: string }, progress = new ProgressCount()) =>
    await planImage(upstream, parseDigest(root.digest), progress, signal);

  it('puts children before parents, and the image before what refers to it, and to that', async () => {
    const upstream = new MemoryUpstream();
    const [a, b] = [upstream.image('a'), upstream.image('b')];
    const root = upstream.index([a, b]);
    const signature = upstream.image('signature');
    const countersignature = upstream.image('countersignature');
    upstream.refer(a, signature);
    upstream.refer(signature, countersignature);

    const { manifests } = await plan(upstream, root);

    expect(manifests.map(({ digest }) => digest)).toEqual(
      [a, b, root, signature, countersignature].map(({ digest }) => digest),
    );
  });

  it('names each blob and each manifest once, and counts them', async () => {
    const upstream = new MemoryUpstream();
    const shared = blob('shared');
    const [a, b] = [upstream.image('a', [shared, blob('a')]), upstream.image('b', [shared])];
    const progress = new ProgressCount();

    const { blobs, manifests } = await plan(upstream, upstream.index([a, b, a]), progress);

    expect(blobs.map(({ size }) => size)).toEqual([2, 6, 1]);
    expect(manifests.length).toBe(3);
    expect(progress.snapshot).toEqual({
      manifests: { done: 0, total: 3 },
      blobs: { done: 0, total: 3 },
      bytes: { done: 0, total: 9 },
      missing: [],
    });
  });

  it('comes to an end where referrers go in a circle', async () => {
    const upstream = new MemoryUpstream();
    const [a, b] = [upstream.image('a'), upstream.image('b')];
    upstream.refer(a, b);
    upstream.refer(b, a);

    expect((await plan(upstream, a)).manifests.length).toBe(2);
  });

  it('keeps the tags of signatures', async () => {
    const upstream = new MemoryUpstream();
    const [image, signature] = [upstream.image('a'), upstream.image('signature')];
    const tag = parseTag(`${image.digest.replace(':', '-')}.sig`);
    upstream.refer(image, signature, tag);

    expect((await plan(upstream, image)).tags).toEqual([{ tag, digest: signature.digest }]);
  });

  it('notes referrers that are gone or are no image manifests', async () => {
    const upstream = new MemoryUpstream();
    const image = upstream.image('a');
    const gone = { ...blob('gone'), mediaType: OCI_IMAGE_MANIFEST };
    upstream.refer(image, gone);
    upstream.refer(image, blob('other'));
    const progress = new ProgressCount();

    expect((await plan(upstream, image, progress)).manifests.length).toBe(1);
    expect(progress.missing).toEqual([gone.digest, blob('other').digest]);
  });

  it('takes layers that may not be distributed for optional, and children that are blobs for blobs', async () => {
    const upstream = new MemoryUpstream();
    const foreign = { ...blob('foreign'), urls: ['https://example.org/layer'] };
    const root = upstream.index([upstream.image('a', [foreign]), blob('cache')]);

    const { blobs } = await plan(upstream, root);

    expect(blobs.map(({ size, isOptional }) => [size, isOptional])).toEqual([
      [2, false],
      [7, true],
      [5, false],
    ]);
  });

  it.each<[string, string, (upstream: MemoryUpstream) => { digest: string }]>([
    [
      'lacks a child',
      'UPSTREAM_UNKNOWN',
      (upstream) => upstream.index([{ ...blob('x'), mediaType: OCI_IMAGE_MANIFEST }]),
    ],
    [
      'lies about the size of a child',
      'SIZE_INVALID',
      (upstream) => upstream.index([{ ...upstream.image('a'), size: 3 }]),
    ],
    ['gives one blob two sizes', 'SIZE_INVALID', (upstream) => upstream.image('a', [blob('a'), blob('a', 2)])],
    ['is no image manifest', 'MANIFEST_INVALID', (upstream) => upstream.add({ mediaType: OCI_IMAGE_MANIFEST })],
    [
      'is nested too deep',
      'UPSTREAM_INVALID',
      (upstream) => {
        let root = upstream.image('a');
        for (let depth = 0; depth < 20; depth++) root = upstream.index([root]);
        return root;
      },
    ],
    [
      'has too many manifests',
      'UPSTREAM_INVALID',
      (upstream) => upstream.index(Array.from({ length: 5001 }, (_, i) => upstream.image(`${i}`))),
    ],
    [
      'has too many bytes of manifests',
      'UPSTREAM_INVALID',
      (upstream) => {
        const annotations = { padding: 'x'.repeat(4_000_000) };
        return upstream.index(
          Array.from({ length: 17 }, (_, i) => upstream.image(`${i}`, [blob(`${i}`)], { annotations })),
        );
      },
    ],
  ])('refuses an image that %s', async (_title, code, build) => {
    const upstream = new MemoryUpstream();

    await expect(plan(upstream, build(upstream))).rejects.toMatchObject({ code });
  });
});
