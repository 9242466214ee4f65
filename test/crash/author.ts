import { randomBytes } from 'node:crypto';
import { buildImage, digestOf, OCI_LAYER_TAR, parseDigest } from '@envarium/oci';
import { z } from 'zod';
import { TOKEN } from './installation.js';

/** What the service has acknowledged: exactly this must be there for ever. */
export interface Acknowledged {
  readonly blobs: Map<string, number>;
  readonly manifests: Map<string, Buffer>;
  /** Newest acknowledged draft or publication, by `repository@vN`. */
  readonly versions: Map<
    string,
    { state: 'draft' | 'published'; recordDigest: string | null; imageDigest: string | null }
  >;
  /** Images of deposits that were asked for since the last answer, by repository: a crash may have kept any of them. */
  readonly attempts: Map<string, Set<string>>;
}

export const Version = z.object({
  repository: z.string(),
  number: z.number(),
  state: z.enum(['draft', 'in_review', 'published', 'withdrawn']),
  recordDigest: z.string().nullable(),
  imageDigest: z.string().nullable(),
});
const Deposit = z.object({ version: Version });

const CHUNK = 256 * 1024;

export async function request(url: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${TOKEN}`);
  return await fetch(url, { ...init, headers, signal: AbortSignal.timeout(20_000) });
}

async function required(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await request(url, init);
  if (!response.ok) throw new Error(`${init.method ?? 'GET'} ${url}: ${response.status} ${await response.text()}`);
  return response;
}

/** One author's work: push a layer in chunks, an image manifest, deposit, publish. Notes only what was answered. */
export async function work(url: string, repository: string, acknowledged: Acknowledged): Promise<void> {
  const layer = randomBytes(CHUNK + Math.floor(Math.random() * 4 * CHUNK));
  const descriptor = { mediaType: OCI_LAYER_TAR, digest: digestOf(layer), size: layer.length };
  const content = async function* (): AsyncGenerator<Uint8Array> {
    yield layer;
  };
  const image = buildImage({
    layers: [{ descriptor, diffId: parseDigest(descriptor.digest), content }],
    config: { architecture: 'amd64', os: 'linux' },
  });
  for (const blob of image.blobs) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of blob.content()) chunks.push(chunk);
    await pushBlob(url, repository, Buffer.concat(chunks), acknowledged);
  }
  const { bytes, digest, mediaType } = image.manifest;
  await required(`${url}/v2/${repository}/manifests/latest`, {
    method: 'PUT',
    headers: { 'content-type': mediaType },
    body: Buffer.from(bytes),
  });
  acknowledged.manifests.set(`${repository}@${digest}`, Buffer.from(bytes));
  const files = [{ path: 'requirements.txt', text: `numpy==1.26.${Math.floor(Math.random() * 1e6)}\n` }];
  acknowledged.attempts.set(repository, new Set(acknowledged.attempts.get(repository)).add(digest));
  const { version } = Deposit.parse(
    await (await postJson(`${url}/api/v1/deposits`, { repository, image: digest, files })).json(),
  );
  note(acknowledged, version);
  acknowledged.attempts.delete(repository);
  const reference = encodeURIComponent(`${repository}@v${version.number}`);
  note(acknowledged, Version.parse(await (await postJson(`${url}/api/v1/versions/${reference}/publish`, {})).json()));
}

function note(acknowledged: Acknowledged, version: z.infer<typeof Version>): void {
  if (version.state !== 'draft' && version.state !== 'published') throw new Error(`unexpected state ${version.state}`);
  const { state, recordDigest, imageDigest } = version;
  acknowledged.versions.set(`${version.repository}@v${version.number}`, { state, recordDigest, imageDigest });
}

async function postJson(url: string, body: unknown): Promise<Response> {
  return await required(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function pushBlob(url: string, repository: string, bytes: Buffer, acknowledged: Acknowledged): Promise<void> {
  const started = await required(`${url}/v2/${repository}/blobs/uploads/`, { method: 'POST' });
  const location = new URL(started.headers.get('location') ?? '', url).href;
  for (let offset = 0; offset < bytes.length; offset += CHUNK) {
    const chunk = bytes.subarray(offset, offset + CHUNK);
    await required(location, {
      method: 'PATCH',
      headers: {
        'content-type': 'application/octet-stream',
        'content-range': `${offset}-${offset + chunk.length - 1}`,
      },
      body: new Uint8Array(chunk),
    });
  }
  const digest = digestOf(bytes);
  const closing = new URL(location);
  closing.searchParams.set('digest', digest);
  await required(closing.href, { method: 'PUT' });
  acknowledged.blobs.set(`${repository}@${digest}`, bytes.length);
}
