import { createHash, randomBytes } from 'node:crypto';
import { digestOf, OCI_IMAGE_CONFIG, OCI_IMAGE_MANIFEST, OCI_LAYER_TAR } from '@envarium/oci';
import { TOKEN } from './installation.js';

/** How the bytes of a layer travel. */
export const FORMS = ['chunked', 'streamed', 'monolithic', 'one-request'] as const;
export type Form = (typeof FORMS)[number];

/** What a client was told is stored; and everything that it ever sent, told or not. */
export interface Ledger {
  readonly acknowledged: Set<string>;
  readonly sent: Set<string>;
}

const CHUNKS = 5;
const LIMIT_MS = 60_000;

/** A failure that the service answered, as opposed to a connection that was lost. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/**
 * One image (layer, config, image manifest, tag) on its way in. It can be gone on with after the server died, like a
 * client that comes back.
 */
export class ImagePush {
  readonly layer: Buffer;
  readonly config: Buffer;
  readonly manifest: Buffer;
  readonly tag: string;
  /** Where the layer's upload can be gone on with. */
  private location: string | null = null;
  private isLayerDone = false;

  constructor(
    readonly repository: string,
    readonly form: Form,
    layerSize: number,
    private readonly ledger: Ledger,
    private readonly onRequest: () => void,
  ) {
    this.layer = randomBytes(layerSize);
    const diffId = `sha256:${createHash('sha256').update(this.layer).digest('hex')}`;
    this.config = json({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [diffId] } });
    this.manifest = json({
      schemaVersion: 2,
      mediaType: OCI_IMAGE_MANIFEST,
      config: { mediaType: OCI_IMAGE_CONFIG, digest: digestOf(this.config), size: this.config.length },
      layers: [{ mediaType: OCI_LAYER_TAR, digest: diffId, size: this.layer.length }],
    });
    this.tag = `t-${randomBytes(6).toString('hex')}`;
  }

  /** Everything that is not done yet. */
  async run(url: string): Promise<void> {
    if (!this.isLayerDone) await this.pushLayer(url);
    await this.pushWhole(url, this.config);
    await this.pushManifest(url);
  }

  /** The same for a client that has forgotten where it stood. */
  startOver(): void {
    this.location = null;
    this.isLayerDone = false;
  }

  private async pushLayer(url: string): Promise<void> {
    const { form, layer } = this;
    if (form === 'one-request') await this.pushWhole(url, layer);
    else if (!(await this.resume(url))) await this.pushFromStart(url, form);
    this.isLayerDone = true;
  }

  /** Goes on where the server says that it stands; false when it knows nothing of the upload any more, then or later. */
  private async resume(url: string): Promise<boolean> {
    if (this.location === null) return false;
    try {
      await this.goOn(url, this.location);
      return true;
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return false;
      throw error;
    }
  }

  private async goOn(url: string, location: string): Promise<void> {
    const stands = await this.send(url, location, 'GET', {}, undefined, [204]);
    // `0-0` stands for nothing as well as for one byte; no layer here is that small.
    const last = Number(/^0-(?<last>\d+)$/.exec(stands.headers.get('range') ?? '')?.groups?.['last'] ?? Number.NaN);
    if (Number.isNaN(last)) throw new Refused(`GET ${location} gave the range ${stands.headers.get('range')}`, 204);
    await this.patchFrom(url, location, last === 0 ? 0 : last + 1);
    await this.close(url, location, this.layer);
  }

  private async pushFromStart(url: string, form: Exclude<Form, 'one-request'>): Promise<void> {
    const opened = await this.send(url, `/v2/${this.repository}/blobs/uploads/`, 'POST', {}, undefined, [202]);
    const location = opened.headers.get('location') ?? '';
    this.location = location;
    if (form === 'monolithic') return await this.close(url, location, this.layer, this.layer);
    if (form === 'chunked') await this.patchFrom(url, location, 0);
    else await this.send(url, location, 'PATCH', OCTETS, this.layer, [202]);
    await this.close(url, location, this.layer);
  }

  private async patchFrom(url: string, location: string, offset: number): Promise<void> {
    const size = Math.ceil(this.layer.length / CHUNKS);
    for (let start = offset; start < this.layer.length; start += size) {
      const chunk = this.layer.subarray(start, start + size);
      const range = { 'content-range': `${start}-${start + chunk.length - 1}` };
      await this.send(url, location, 'PATCH', { ...OCTETS, ...range }, chunk, [202]);
    }
  }

  private async close(url: string, location: string, bytes: Buffer, body?: Buffer): Promise<void> {
    const digest = digestOf(bytes);
    this.ledger.sent.add(`${this.repository}/blobs/${digest}`);
    await this.send(url, `${location}?digest=${digest}`, 'PUT', OCTETS, body, [201]);
    this.ledger.acknowledged.add(`${this.repository}/blobs/${digest}`);
  }

  /** POST with all bytes. */
  private async pushWhole(url: string, bytes: Buffer): Promise<void> {
    const digest = digestOf(bytes);
    this.ledger.sent.add(`${this.repository}/blobs/${digest}`);
    await this.send(url, `/v2/${this.repository}/blobs/uploads/?digest=${digest}`, 'POST', OCTETS, bytes, [201]);
    this.ledger.acknowledged.add(`${this.repository}/blobs/${digest}`);
  }

  private async pushManifest(url: string): Promise<void> {
    const names = [digestOf(this.manifest), this.tag].map((name) => `${this.repository}/manifests/${name}`);
    for (const name of names) this.ledger.sent.add(name);
    const path = `/v2/${this.repository}/manifests/${this.tag}`;
    await this.send(url, path, 'PUT', { 'content-type': OCI_IMAGE_MANIFEST }, this.manifest, [201]);
    for (const name of names) this.ledger.acknowledged.add(name);
  }

  private async send(
    url: string,
    path: string,
    method: string,
    headers: Record<string, string>,
    body: Buffer | undefined,
    expected: readonly number[],
  ): Promise<Response> {
    this.onRequest();
    const response = await fetch(new URL(path, url), {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
      ...(body !== undefined && { body: new Uint8Array(body) }),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    const text = await response.text();
    if (expected.includes(response.status)) return response;
    throw new Refused(
      `${method} ${path} (${this.form}) answered ${response.status} ${text.slice(0, 300)}`,
      response.status,
    );
  }
}

const OCTETS = { 'content-type': 'application/octet-stream' };

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
