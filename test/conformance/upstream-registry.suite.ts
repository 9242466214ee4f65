import { randomBytes } from 'node:crypto';
import {
  type Digest,
  digestOf,
  OCI_IMAGE_CONFIG,
  OCI_IMAGE_INDEX,
  OCI_IMAGE_MANIFEST,
  OCI_LAYER_TAR,
  parseDigest,
  parseTag,
} from '@envarium/oci';
import type { ManifestSource, UpstreamRegistry } from '@envarium/upstream';
import { beforeAll, describe, expect, it } from 'vitest';

const SIGNATURE_TYPE = 'application/vnd.example.signature.v1+json';
const signal = AbortSignal.timeout(120_000);

/** A real registry that images can be pushed to, and an implementation that reads from it. */
export interface UpstreamSetting<T> {
  readonly url: string;
  readonly authorization: string | null;
  readonly repository: string;
  readonly upstream: T;
}

interface Pushed {
  readonly layer: { readonly digest: Digest; readonly size: number; readonly bytes: Buffer };
  readonly image: Document;
  readonly index: Document;
  readonly referrer: Document;
}
interface Document {
  readonly digest: Digest;
  readonly bytes: Buffer;
  readonly mediaType: string;
}

/** What every reader of image manifests must do, against a real registry. */
export function describeManifestSource(name: string, setting: () => UpstreamSetting<ManifestSource>): void {
  describe(`${name}: image manifests`, () => {
    let pushed: Pushed;
    beforeAll(async () => {
      pushed = await pushSample(setting());
    });

    it('resolves a tag to the digest, type and size of what was pushed', async () => {
      const { digest, mediaType, bytes } = pushed.index;

      expect(await setting().upstream.resolve(parseTag('v1'), signal)).toEqual({
        digest,
        mediaType,
        size: bytes.length,
      });
    });

    it('gives the bytes back as they were pushed, by digest', async () => {
      for (const { digest, mediaType, bytes } of [pushed.index, pushed.image]) {
        const found = await setting().upstream.manifest(digest, signal);

        expect({ ...found, bytes: found.bytes.toString() }).toEqual({ digest, mediaType, bytes: bytes.toString() });
      }
    });

    it('says what is not there', async () => {
      const absent = parseDigest(`sha256:${'0'.repeat(64)}`);

      await expect(setting().upstream.resolve(parseTag('none'), signal)).rejects.toMatchObject({
        code: 'UPSTREAM_UNKNOWN',
      });
      await expect(setting().upstream.manifest(absent, signal)).rejects.toMatchObject({ code: 'UPSTREAM_UNKNOWN' });
    });

    it('stops with the signal', async () => {
      const reason = new Error('cancelled');

      await expect(setting().upstream.resolve(parseTag('v1'), AbortSignal.abort(reason))).rejects.toBe(reason);
    });
  });
}

/** What the port promises, against a real registry. */
export function describeUpstreamRegistry(name: string, setting: () => UpstreamSetting<UpstreamRegistry>): void {
  describeManifestSource(name, setting);

  describe(`${name}: blobs and lists`, () => {
    let pushed: Pushed;
    beforeAll(async () => {
      pushed = await pushSample(setting());
    });

    it('streams a blob, whole and from an offset', async () => {
      const { layer } = pushed;

      const whole = await collect(setting().upstream.blob(layer, 0, signal));
      const rest = await collect(setting().upstream.blob(layer, 1_000_000, signal));

      expect(digestOf(Buffer.concat(whole))).toBe(layer.digest);
      expect(Buffer.concat(rest).equals(layer.bytes.subarray(1_000_000))).toBe(true);
    });

    it('refuses a blob that is larger than announced', async () => {
      const { digest, size } = pushed.layer;

      const reading = collect(setting().upstream.blob({ digest, size: size - 1 }, 0, signal));

      await expect(reading).rejects.toMatchObject({ code: 'UPSTREAM_INVALID' });
    });

    it('says that a blob is not there', async () => {
      const digest = parseDigest(`sha256:${'0'.repeat(64)}`);

      const reading = collect(setting().upstream.blob({ digest, size: 1 }, 0, signal));

      await expect(reading).rejects.toMatchObject({ code: 'UPSTREAM_UNKNOWN' });
    });

    it('lists all tags, over several pages where the registry makes them', async () => {
      const tags = Array.from({ length: 12 }, (_, i) => `page-${String(i).padStart(2, '0')}`);
      for (const tag of tags) await put(setting(), pushed.image, tag);

      expect(await collect(setting().upstream.tags(signal))).toEqual(expect.arrayContaining([...tags, 'v1']));
    });

    it('lists referrers and signatures', async () => {
      const found = await collect(setting().upstream.referrers(pushed.index.digest, signal));

      expect(found.map(({ descriptor, tag }) => [descriptor.digest, tag])).toEqual([
        [pushed.referrer.digest, null],
        [pushed.image.digest, `${pushed.index.digest.replace(':', '-')}.sig`],
      ]);
      expect(await collect(setting().upstream.referrers(pushed.image.digest, signal))).toEqual([]);
    });
  });
}

/** An index of one image, a referrer of it (and its fallback tag, as clients write it), and a signature by tag. */
async function pushSample(setting: UpstreamSetting<unknown>): Promise<Pushed> {
  const bytes = randomBytes(2_000_000);
  const layer = { bytes, ...(await pushBlob(setting, bytes)) };
  const config = await pushBlob(setting, Buffer.from('{"architecture":"amd64","os":"linux"}'));
  const head = { schemaVersion: 2, mediaType: OCI_IMAGE_MANIFEST, config: { mediaType: OCI_IMAGE_CONFIG, ...config } };
  const layers = [{ mediaType: OCI_LAYER_TAR, digest: layer.digest, size: layer.size }];
  const image = document({ ...head, layers });
  await put(setting, image, image.digest);
  const index = document({ schemaVersion: 2, mediaType: OCI_IMAGE_INDEX, manifests: [descriptorOf(image)] });
  await put(setting, index, 'v1');
  const referrer = document({ ...head, artifactType: SIGNATURE_TYPE, layers, subject: descriptorOf(index) });
  const { headers } = await put(setting, referrer, referrer.digest);
  const tag = index.digest.replace(':', '-');
  if (!headers.has('oci-subject')) {
    const manifests = [{ ...descriptorOf(referrer), artifactType: SIGNATURE_TYPE }];
    await put(setting, document({ schemaVersion: 2, mediaType: OCI_IMAGE_INDEX, manifests }), tag);
  }
  await put(setting, image, `${tag}.sig`);
  return { layer, image, index, referrer };
}

function document(value: { readonly mediaType: string; readonly [field: string]: unknown }): Document {
  const bytes = Buffer.from(JSON.stringify(value));
  return { digest: digestOf(bytes), bytes, mediaType: value.mediaType };
}

function descriptorOf({ digest, bytes, mediaType }: Document): object {
  return { mediaType, digest, size: bytes.length };
}

async function pushBlob(setting: UpstreamSetting<unknown>, bytes: Buffer): Promise<{ digest: Digest; size: number }> {
  const digest = digestOf(bytes);
  const started = await call(setting, 'POST', `/v2/${setting.repository}/blobs/uploads/`, 202);
  const location = new URL(started.headers.get('location') ?? '', setting.url);
  location.searchParams.set('digest', digest);
  await call(setting, 'PUT', location.href, 201, bytes, 'application/octet-stream');
  return { digest, size: bytes.length };
}

async function put(
  setting: UpstreamSetting<unknown>,
  { bytes, mediaType }: Document,
  reference: string,
): Promise<Response> {
  return await call(setting, 'PUT', `/v2/${setting.repository}/manifests/${reference}`, 201, bytes, mediaType);
}

async function call(
  { url, authorization }: UpstreamSetting<unknown>,
  method: string,
  path: string,
  status: number,
  body?: Buffer,
  type?: string,
): Promise<Response> {
  const response = await fetch(new URL(path, url), {
    method,
    headers: { ...(authorization !== null && { authorization }), ...(type !== undefined && { 'content-type': type }) },
    ...(body !== undefined && { body: new Uint8Array(body) }),
  });
  if (response.status !== status) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
