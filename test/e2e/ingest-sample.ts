import type { FakeManifest, FakeRegistry } from '@envarium/testing';

const INDEX = 'application/vnd.oci.image.index.v1+json';

interface Target {
  readonly host: string;
  readonly authorization: string | null;
  readonly repository: string;
  readonly tag: string;
  /** Also the tag under which clients of registries without referrers keep them. */
  readonly isFallback: boolean;
  readonly index: FakeManifest;
  readonly children: readonly FakeManifest[];
  readonly attested: FakeManifest;
  readonly descriptor: object;
  readonly signature: FakeManifest;
  readonly signatureTag: string;
}

/** Pushes an image, with what refers to it, to a real registry, as any client does. */
export async function pushAll(fake: FakeRegistry, target: Target): Promise<void> {
  const { index, children, attested, signature, signatureTag } = target;
  for (const manifest of [...children, attested, signature]) {
    const { config, layers } = JSON.parse(manifest.bytes.toString()) as {
      config: { digest: string };
      layers: { digest: string }[];
    };
    for (const { digest } of [config, ...layers])
      await pushBlob(target, digest, fake.blobs.get(digest) ?? Buffer.alloc(0));
    await put(target, manifest.digest, manifest.mediaType, manifest.bytes);
  }
  await put(target, target.tag, index.mediaType, index.bytes);
  await put(target, signatureTag, signature.mediaType, signature.bytes);
  if (!target.isFallback) return;
  const list = { schemaVersion: 2, mediaType: INDEX, manifests: [target.descriptor] };
  await put(target, index.digest.replace(':', '-'), INDEX, Buffer.from(JSON.stringify(list)));
}

async function pushBlob(target: Target, digest: string, bytes: Buffer): Promise<void> {
  const started = await call(target, 'POST', `/v2/${target.repository}/blobs/uploads/`);
  const location = new URL(started.headers.get('location') ?? '', `http://${target.host}`);
  location.searchParams.set('digest', digest);
  await call(target, 'PUT', location.href, 'application/octet-stream', bytes);
}

async function put(target: Target, reference: string, mediaType: string, bytes: Buffer): Promise<void> {
  await call(target, 'PUT', `/v2/${target.repository}/manifests/${reference}`, mediaType, bytes);
}

async function call(target: Target, method: string, path: string, type?: string, body?: Buffer): Promise<Response> {
  const response = await fetch(new URL(path, `http://${target.host}`), {
    method,
    headers: {
      ...(target.authorization !== null && { authorization: target.authorization }),
      ...(type !== undefined && { 'content-type': type }),
    },
    ...(body !== undefined && { body: new Uint8Array(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response;
}
