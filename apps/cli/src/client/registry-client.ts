import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Descriptor,
  type Digest,
  HEADER_CONTENT_DIGEST,
  isManifestMediaType,
  MANIFEST_MAX_SIZE,
  MANIFEST_MEDIA_TYPES,
  type SourceManifest,
  verifyBytes,
} from '@envarium/oci';
import { ArchiveError } from '@envarium/errors';
import { EXIT } from '../exit-codes.js';
import { CommandFailed, ServerUnreachable } from '../failure.js';
import type { HttpClient, HttpResponse } from './http-client.js';
import { readProblem } from './problem.js';

const ATTEMPTS = 5;
const PAUSE = 1000;

/**
 * The OCI distribution API of the same server, with the same token.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
export class RegistryClient {
  constructor(private readonly http: HttpClient) {}

  hasBlob(repository: string, digest: Digest): Promise<boolean> {
    return this.has(`/v2/${repository}/blobs/${digest}`);
  }

  hasManifest(repository: string, digest: Digest): Promise<boolean> {
    return this.has(`/v2/${repository}/manifests/${digest}`);
  }

  /** Opens an upload, streams the content into it, closes it under the digest. */
  async pushBlob(repository: string, blob: Descriptor, content: AsyncIterable<Uint8Array>): Promise<void> {
    const opened = await this.http.send({ method: 'POST', path: `/v2/${repository}/blobs/uploads/` });
    await this.http.read(opened, 0);
    const filled = await this.http.send({
      method: 'PATCH',
      path: this.locationOf(opened),
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(blob.size) },
      body: Readable.from(content, { objectMode: false }),
    });
    await this.http.read(filled, 0);
    const address = this.locationOf(filled);
    const closed = await this.http.send({
      method: 'PUT',
      path: `${address}${address.includes('?') ? '&' : '?'}digest=${blob.digest}`,
      headers: { 'content-length': '0' },
    });
    await this.http.read(closed, 0);
    assertStoredAs(closed, blob.digest);
  }

  async pushManifest(repository: string, manifest: SourceManifest): Promise<void> {
    const stored = await this.http.send({
      method: 'PUT',
      path: `/v2/${repository}/manifests/${manifest.digest}`,
      headers: { 'content-type': manifest.mediaType },
      body: manifest.bytes,
    });
    await this.http.read(stored, MANIFEST_MAX_SIZE);
    assertStoredAs(stored, manifest.digest);
  }

  /**
   * An image manifest or index by its digest, checked.
   * @throws ArchiveError DIGEST_INVALID, SIZE_INVALID
   */
  async manifest(repository: string, claim: { digest: Digest; size?: number }): Promise<SourceManifest> {
    const response = await this.http.send({
      method: 'GET',
      path: `/v2/${repository}/manifests/${claim.digest}`,
      headers: { accept: MANIFEST_MEDIA_TYPES.join(', ') },
    });
    const bytes = await this.http.read(response, MANIFEST_MAX_SIZE);
    verifyBytes(bytes, { digest: claim.digest, size: claim.size ?? bytes.length });
    const mediaType = (response.headers['content-type'] ?? '').split(';', 1)[0] ?? '';
    if (!isManifestMediaType(mediaType))
      throw new ArchiveError('MANIFEST_INVALID', { digest: claim.digest, mediaType });
    return { bytes, mediaType, digest: claim.digest };
  }

  /**
   * Content of a blob as it comes in, not checked yet. A connection that breaks is continued where it broke.
   * @param from offset of the first byte that is wanted
   */
  async *blob(repository: string, digest: Digest, from = 0): AsyncGenerator<Uint8Array, void, undefined> {
    let received = from;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const response = await this.openBlob(repository, digest, received);
        for await (const chunk of this.http.chunks(response)) {
          received += chunk.length;
          yield chunk;
        }
        return;
      } catch (error) {
        if (!(error instanceof ServerUnreachable) || received === from || attempt === ATTEMPTS) throw error;
        await sleep(PAUSE * attempt);
      }
    }
  }

  private async openBlob(repository: string, digest: Digest, from: number): Promise<HttpResponse> {
    const response = await this.http.send({
      method: 'GET',
      path: `/v2/${repository}/blobs/${digest}`,
      headers: from === 0 ? {} : { range: `bytes=${from}-` },
    });
    if (from === 0 || response.status === 206) return response;
    response.body.destroy();
    throw answerInvalid('the registry cannot continue a broken download', 'Run the command again.');
  }

  private async has(path: string): Promise<boolean> {
    const response = await this.http.exchange({ method: 'HEAD', path });
    if (response.status !== 200 && response.status !== 404) {
      throw new CommandFailed(await readProblem(response, { method: 'HEAD', path }));
    }
    await this.http.read(response, 0);
    return response.status === 200;
  }

  /** A location may be relative, and may be on the address by which a proxy knows the server: only its path counts. */
  private locationOf(response: HttpResponse): string {
    const { location } = response.headers;
    if (location === undefined) {
      throw answerInvalid(
        'the registry opened an upload without saying where',
        'Is there an Envarium server at this address?',
      );
    }
    const { pathname, search } = new URL(location, this.http.serverUrl);
    return `${pathname}${search}`;
  }
}

function answerInvalid(title: string, remedy: string): CommandFailed {
  return new CommandFailed({ exitCode: EXIT.failure, code: 'ANSWER_INVALID', title, remedy, detail: {} });
}

/** What the registry says it has stored must be what was sent. */
function assertStoredAs({ headers }: HttpResponse, expected: Digest): void {
  const actual = headers[HEADER_CONTENT_DIGEST.toLowerCase()];
  if (actual !== undefined && actual !== expected) throw new ArchiveError('DIGEST_INVALID', { expected, actual });
}
