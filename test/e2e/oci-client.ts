import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { digestOf, OCI_IMAGE_CONFIG, OCI_IMAGE_MANIFEST, OCI_LAYER_TAR } from '@envarium/oci';

type Headers = Readonly<Record<string, string>>;

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body as JSON. */
  readonly json: unknown;
  /** Code of the first error in the envelope of the specification; undefined when the body is none. */
  readonly code: string | undefined;
}

export interface PushedBlob {
  readonly bytes: Buffer;
  readonly digest: string;
}

export interface PushedImage extends PushedBlob {
  readonly config: PushedBlob;
  readonly layer: PushedBlob;
}

/**
 * Speaks HTTP/1.1 without interpretation: paths go out as they are written, no redirect is followed, no header is added
 * but Host and the length of the body.
 */
export class OciClient {
  constructor(
    readonly host: string,
    readonly credentials: { readonly name: string; readonly secret: string } | null,
    private readonly authorization: string | null = null,
  ) {}

  as(credentials: { name: string; secret: string }): OciClient {
    const basic = Buffer.from(`${credentials.name}:${credentials.secret}`).toString('base64');
    return new OciClient(this.host, credentials, `Basic ${basic}`);
  }

  /** The same account with a registry token for some scopes, as Docker and the others ask for it. */
  async withScopes(...scopes: string[]): Promise<OciClient> {
    const query = new URLSearchParams([['service', this.host], ...scopes.map((scope) => ['scope', scope])]);
    const answer = await this.send('GET', `/token?${query.toString()}`);
    const { token } = answer.json as { token: string };
    return new OciClient(this.host, this.credentials, `Bearer ${token}`);
  }

  bearer(token: string): OciClient {
    return new OciClient(this.host, null, `Bearer ${token}`);
  }

  /** @param body a Buffer is sent with its length, an iterable chunk by chunk without */
  async send(
    method: string,
    path: string,
    options: { headers?: Headers; body?: Buffer | AsyncIterable<Buffer> } = {},
  ): Promise<Answer> {
    const request = this.open(method, path, {
      ...(Buffer.isBuffer(options.body) && { 'content-length': String(options.body.length) }),
      ...options.headers,
    });
    const answered = answerOf(request);
    if (options.body === undefined || Buffer.isBuffer(options.body)) request.end(options.body);
    else {
      for await (const chunk of options.body) request.write(chunk);
      request.end();
    }
    return await answered;
  }

  /** A request whose body the caller writes, or breaks off. */
  open(method: string, path: string, headers: Headers = {}): http.ClientRequest {
    const [hostname, port] = this.host.split(':');
    return http.request({
      hostname,
      port,
      method,
      path,
      agent: false,
      headers: { ...(this.authorization !== null && { authorization: this.authorization }), ...headers },
    });
  }

  async pushBlob(repository: string, bytes: Buffer = randomBytes(1000)): Promise<PushedBlob> {
    const digest = digestOf(bytes);
    const answer = await this.send('POST', `/v2/${repository}/blobs/uploads/?digest=${digest}`, { body: bytes });
    if (answer.status !== 201) throw new Error(`push of a blob answered ${answer.status}: ${answer.body.toString()}`);
    return { bytes, digest };
  }

  async pushManifest(
    repository: string,
    manifest: object,
    reference?: string,
  ): Promise<PushedBlob & { answer: Answer }> {
    const bytes = Buffer.from(JSON.stringify(manifest));
    const digest = digestOf(bytes);
    const answer = await this.send('PUT', `/v2/${repository}/manifests/${reference ?? digest}`, {
      headers: { 'content-type': String('mediaType' in manifest ? manifest.mediaType : OCI_IMAGE_MANIFEST) },
      body: bytes,
    });
    if (answer.status !== 201)
      throw new Error(`push of a manifest answered ${answer.status}: ${answer.body.toString()}`);
    return { bytes, digest, answer };
  }

  /** An image of one random layer. */
  async pushImage(repository: string, tag?: string, extra: object = {}): Promise<PushedImage & { answer: Answer }> {
    const layer = await this.pushBlob(repository);
    const rootfs = { type: 'layers', diff_ids: [layer.digest] };
    const config = await this.pushBlob(
      repository,
      Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs })),
    );
    const manifest = {
      schemaVersion: 2,
      mediaType: OCI_IMAGE_MANIFEST,
      config: { mediaType: OCI_IMAGE_CONFIG, digest: config.digest, size: config.bytes.length },
      layers: [{ mediaType: OCI_LAYER_TAR, digest: layer.digest, size: layer.bytes.length }],
      ...extra,
    };
    return { ...(await this.pushManifest(repository, manifest, tag)), config, layer };
  }
}

export async function answerOf(request: http.ClientRequest): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve(new ReceivedAnswer(response.statusCode ?? 0, response.headers, Buffer.concat(chunks)));
      });
    });
  });
}

class ReceivedAnswer implements Answer {
  constructor(
    readonly status: number,
    readonly headers: http.IncomingHttpHeaders,
    readonly body: Buffer,
  ) {}

  get json(): unknown {
    return JSON.parse(this.body.toString('utf8'));
  }

  get code(): string | undefined {
    if (this.body.length === 0) return undefined;
    return (this.json as { errors?: { code: string }[] }).errors?.[0]?.code;
  }
}
