import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';

/*
 * A pull as anybody could write it: HTTP GET and SHA-256, nothing of ours. What it proves does not depend on our client.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pull
 */

const IMAGE_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const Manifest = z.object({
  config: z.object({ digest: z.string() }),
  layers: z.array(z.object({ digest: z.string(), mediaType: z.string() })),
});

export interface PlainImage {
  readonly manifestDigest: string;
  readonly configDigest: string;
  /** Digests of what came in, beside those that were asked for. */
  readonly blobs: readonly { readonly asked: string; readonly received: string }[];
  /** Uncompressed, from the base up. */
  readonly layers: readonly Buffer[];
}

export async function pullPlainly(url: string, repository: string, digest: string): Promise<PlainImage> {
  const manifest = await get(`${url}/v2/${repository}/manifests/${digest}`, IMAGE_MANIFEST);
  const { config, layers } = Manifest.parse(JSON.parse(manifest.toString('utf8')));
  const blobs: { asked: string; received: string }[] = [];
  const contents: Buffer[] = [];
  for (const asked of [config.digest, ...layers.map((layer) => layer.digest)]) {
    const content = await get(`${url}/v2/${repository}/blobs/${asked}`);
    blobs.push({ asked, received: sha256(content) });
    if (asked !== config.digest) contents.push(gunzipSync(content));
  }
  return { manifestDigest: sha256(manifest), configDigest: config.digest, blobs, layers: contents };
}

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

async function get(url: string, accept = '*/*'): Promise<Buffer> {
  const response = await fetch(url, { headers: { accept } });
  if (!response.ok) throw new Error(`GET ${url}: ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
