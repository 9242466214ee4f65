import type { Digest } from '@envarium/oci';
import { Client } from 'minio';
import type { BlobUrls } from '../blob-locations.js';
import { blobKey } from '../layout.js';
import { clientOptions } from './client-options.js';
import type { S3Config } from './s3-bucket.js';

/**
 * URLs of blobs, signed for the host that clients know the service by: the signature covers it. Signing is arithmetic;
 * nothing is asked of S3.
 */
export class S3BlobUrls implements BlobUrls {
  readonly #client: Client;
  readonly #bucket: string;

  constructor(config: S3Config) {
    this.#client = new Client(clientOptions(config.publicEndpoint ?? config.endpoint, config));
    this.#bucket = config.bucket;
  }

  async presign(
    digest: Digest,
    { seconds, contentType }: { readonly seconds: number; readonly contentType: string },
  ): Promise<string> {
    const headers = { 'response-content-type': contentType };
    return await this.#client.presignedGetObject(this.#bucket, blobKey(digest), seconds, headers);
  }
}
