import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

export interface FakeDocument {
  readonly mediaType: string;
  readonly [field: string]: unknown;
}

/** Answers a request instead of the registry. Returns false to leave it to the registry. */
export type Fault = (request: http.IncomingMessage, response: http.ServerResponse) => boolean;

const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar';

/** A registry to pull from, on a free port of 127.0.0.1, that can be made to misbehave. */
export class FakeRegistry {
  readonly blobs = new Map<string, Buffer>();
  /** By tag and by digest. */
  readonly manifests = new Map<string, FakeManifest>();
  /** Answers to the referrers API by subject; null: there is no such API. */
  referrers: Map<string, object[]> | null = new Map();
  /** Without it everything is public. */
  token: { readonly realm: string; readonly isGood: (token: string) => boolean } | null = null;
  fault: Fault = () => false;
  /** Method and path of each request, with the range where there is one. */
  readonly asked: string[] = [];
  private readonly server = http.createServer((request, response) => this.answer(request, response));

  static async start(): Promise<FakeRegistry> {
    const registry = new FakeRegistry();
    await new Promise<void>((resolve) => registry.server.listen(0, '127.0.0.1', resolve));
    return registry;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Forgets faults and requests; keeps the images. */
  behave(): void {
    this.fault = () => false;
    this.token = null;
    this.asked.length = 0;
  }

  addBlob(bytes: Buffer): { digest: string; size: number } {
    const digest = sha256(bytes);
    this.blobs.set(digest, bytes);
    return { digest, size: bytes.length };
  }

  addManifest(document: FakeDocument, ...tags: readonly string[]): FakeManifest {
    const bytes = Buffer.from(JSON.stringify(document));
    const manifest = { digest: sha256(bytes), mediaType: document.mediaType, bytes };
    for (const reference of [manifest.digest, ...tags]) this.manifests.set(reference, manifest);
    return manifest;
  }

  /** An image of one layer. */
  addImage(layer: Buffer, tags: readonly string[] = [], extra: object = {}): FakeManifest {
    const blob = this.addBlob(layer);
    const rootfs = { type: 'layers', diff_ids: [blob.digest] };
    const config = this.addBlob(Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs })));
    return this.addManifest(
      {
        schemaVersion: 2,
        mediaType: IMAGE,
        config: { mediaType: CONFIG, ...config },
        layers: [{ mediaType: LAYER, ...blob }],
        ...extra,
      },
      ...tags,
    );
  }

  addIndex(children: readonly FakeManifest[], ...tags: readonly string[]): FakeManifest {
    const manifests = children.map(({ digest, mediaType, bytes }, i) => ({
      mediaType,
      digest,
      size: bytes.length,
      platform: { os: 'linux', architecture: ['amd64', 'arm64', 'riscv64'][i] ?? 'unknown' },
    }));
    return this.addManifest({ schemaVersion: 2, mediaType: INDEX, manifests }, ...tags);
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { method = '', url = '', headers } = request;
    this.asked.push(`${method} ${url}${headers.range === undefined ? '' : ` ${headers.range}`}`);
    response.on('error', () => {});
    if (this.fault(request, response)) return;
    if (!this.isPermitted(headers.authorization)) {
      const challenge = `Bearer realm="${this.token?.realm ?? ''}",service="fake"`;
      response.writeHead(401, { 'WWW-Authenticate': challenge }).end();
      return;
    }
    const path = /^\/v2\/(?<name>.+?)\/(?<kind>manifests|blobs|referrers|tags)\/(?<reference>[^?]+)/.exec(url)?.groups;
    const { kind = '', reference = '' } = path ?? {};
    if (url === '/v2/') response.end();
    else if (kind === 'manifests') this.sendManifest(response, reference);
    else if (kind === 'blobs') this.sendBlob(request, response, reference);
    else if (kind === 'referrers' && this.referrers !== null) this.sendReferrers(response, reference);
    else if (kind === 'tags')
      response.end(JSON.stringify({ name: 'x', tags: [...this.manifests.keys()].filter(isTag) }));
    else response.writeHead(404).end();
  }

  private isPermitted(authorization: string | undefined): boolean {
    return this.token === null || this.token.isGood(authorization?.replace(/^Bearer /, '') ?? '');
  }

  private sendManifest(response: http.ServerResponse, reference: string): void {
    const manifest = this.manifests.get(reference);
    if (manifest === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'Content-Type': manifest.mediaType }).end(manifest.bytes);
  }

  private sendBlob(request: http.IncomingMessage, response: http.ServerResponse, digest: string): void {
    const bytes = this.blobs.get(digest);
    const start = Number(/^bytes=(?<start>\d+)-$/.exec(request.headers.range ?? '')?.groups?.['start'] ?? 0);
    if (bytes === undefined) response.writeHead(404).end();
    else if (start === 0) response.writeHead(200, { 'Content-Length': bytes.length }).end(bytes);
    else {
      response.writeHead(206, {
        'Content-Length': bytes.length - start,
        'Content-Range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
      });
      response.end(bytes.subarray(start));
    }
  }

  private sendReferrers(response: http.ServerResponse, subject: string): void {
    const manifests = this.referrers?.get(subject) ?? [];
    response
      .writeHead(200, { 'Content-Type': INDEX })
      .end(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }));
  }
}

function isTag(reference: string): boolean {
  return !reference.includes(':');
}

function sha256(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
