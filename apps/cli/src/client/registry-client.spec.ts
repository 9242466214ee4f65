import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { digestOf } from '@envarium/oci';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandFailed, ServerUnreachable } from '../failure.js';
import { HttpClient } from './http-client.js';
import { RegistryClient } from './registry-client.js';

const CONTENT = Buffer.from('0123456789'.repeat(1000));
const DIGEST = digestOf(CONTENT);
const BLOB = { mediaType: 'application/octet-stream', digest: DIGEST, size: CONTENT.length };

let server: Server;

async function clientOf(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<RegistryClient> {
  server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return new RegistryClient(new HttpClient(`http://127.0.0.1:${port}`, 'secret', 'envarium/test'));
}

async function* chunks(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

let received: number;

async function collect(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) {
    received += chunk.length;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Sends 4000 bytes, and breaks the connection when the client has them: what it has not read by then is lost. */
function breakOff(response: ServerResponse): void {
  response.write(CONTENT.subarray(0, 4000));
  void expect
    .poll(() => received)
    .toBe(4000)
    .then(() => response.destroy());
}

describe('cli/client/registry-client', () => {
  beforeEach(() => {
    received = 0;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('continues a download where the connection broke', async () => {
    const ranges: (string | undefined)[] = [];
    const client = await clientOf(({ headers }, response) => {
      ranges.push(headers.range);
      const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
      response.writeHead(from === 0 ? 200 : 206, { 'content-length': CONTENT.length - from });
      if (from === 0) breakOff(response);
      else response.end(CONTENT.subarray(from));
    });

    const content = await collect(client.blob('lab/eeg', DIGEST));

    expect(digestOf(content)).toBe(DIGEST);
    expect(ranges).toEqual([undefined, 'bytes=4000-']);
  });

  it('does not go on when the registry starts from the beginning again', async () => {
    const client = await clientOf((_, response) => {
      response.writeHead(200, { 'content-length': CONTENT.length });
      breakOff(response);
    });

    await expect(collect(client.blob('lab/eeg', DIGEST))).rejects.toThrow('cannot continue a broken download');
  });

  it('streams a blob into an upload and closes it under its digest', async () => {
    const seen: string[] = [];
    let uploaded = 0;
    const client = await clientOf((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      request.on('data', (chunk: Buffer) => (uploaded += chunk.length));
      request.on('end', () => {
        if (request.method === 'PUT') response.writeHead(201, { 'docker-content-digest': DIGEST }).end();
        else
          response.writeHead(202, { location: 'https://proxy.example.org/v2/lab/eeg/blobs/uploads/7?state=x' }).end();
      });
    });

    await client.pushBlob('lab/eeg', BLOB, chunks(CONTENT.subarray(0, 1), CONTENT.subarray(1)));

    expect(uploaded).toBe(10_000);
    expect(seen).toEqual([
      'POST /v2/lab/eeg/blobs/uploads/ Bearer secret',
      'PATCH /v2/lab/eeg/blobs/uploads/7?state=x Bearer secret',
      `PUT /v2/lab/eeg/blobs/uploads/7?state=x&digest=${DIGEST} Bearer secret`,
    ]);
  });

  it('does not believe a registry that has stored something else', async () => {
    const other = digestOf(Buffer.from('other'));
    const client = await clientOf((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(201, { location: '/v2/x', 'docker-content-digest': other }).end();
      });
    });

    await expect(client.pushBlob('lab/eeg', BLOB, chunks(CONTENT))).rejects.toMatchObject({
      code: 'DIGEST_INVALID',
      detail: { expected: DIGEST, actual: other },
    });
  });

  it('refuses an image manifest that is not what its digest says', async () => {
    const client = await clientOf((_, response) => {
      response.writeHead(200, { 'content-type': 'application/vnd.oci.image.manifest.v1+json' }).end('{}');
    });

    await expect(client.manifest('lab/eeg', { digest: DIGEST })).rejects.toMatchObject({ code: 'DIGEST_INVALID' });
  });

  it('tells a blob that is not there from one that may not be seen', async () => {
    const client = await clientOf(({ url }, response) => {
      response.writeHead(url?.startsWith('/v2/lab/eeg') === true ? 404 : 401).end();
    });

    expect(await client.hasBlob('lab/eeg', DIGEST)).toBe(false);
    await expect(client.hasBlob('lab/private', DIGEST)).rejects.toThrow(CommandFailed);
  });

  it('reports a broken archive as that, not as a broken connection', async () => {
    const client = await clientOf((request, response) => {
      request.resume().on('end', () => response.writeHead(202, { location: '/v2/lab/eeg/blobs/uploads/7' }).end());
    });
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield CONTENT.subarray(0, 10);
      throw new Error('the archive is truncated');
    }

    await expect(client.pushBlob('lab/eeg', BLOB, broken())).rejects.toThrow('the archive is truncated');
  });

  it('says which server is not there', async () => {
    const client = await clientOf(() => {});
    await new Promise((resolve) => server.close(resolve));

    await expect(client.hasBlob('lab/eeg', DIGEST)).rejects.toThrow(ServerUnreachable);
  });
});
