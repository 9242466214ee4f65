import { digestOf, DOCKER_MANIFEST_LIST, OCI_IMAGE_INDEX } from '@envarium/oci';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, OciClient } from './oci-client.js';
import { startRegistry, type TestRegistry } from './oci-harness.js';

const PLAIN = 'application/vnd.docker.distribution.manifest.v1+json';
const SIGNED = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
const SCHEMA_1 = Buffer.from(
  JSON.stringify({
    schemaVersion: 1,
    name: 'lab/old',
    tag: 'v1',
    architecture: 'amd64',
    fsLayers: [{ blobSum: `sha256:${'a'.repeat(64)}` }],
    history: [{ v1Compatibility: '{"id":"1"}' }],
  }),
);

let registry: TestRegistry;
let lab: OciClient;

const messageOf = (answer: Answer): string =>
  (answer.json as { errors: { message: string }[] }).errors[0]?.message ?? '';

describe('oci/schema1', () => {
  beforeAll(async () => {
    registry = await startRegistry();
    lab = await registry.account('ana', 'depositor', 'lab');
    await lab.pushBlob('lab/old');
  });
  afterAll(async () => {
    await registry.stop();
  });

  it.each([
    ['under its type', PLAIN, SCHEMA_1],
    ['signed', SIGNED, SCHEMA_1],
    ['under a type of today', 'application/vnd.oci.image.manifest.v1+json', SCHEMA_1],
    ['by the type alone', PLAIN, Buffer.from('{"schemaVersion":2}')],
  ])('refuses a push %s, and says why and what to do', async (_, type, body) => {
    const answer = await lab.send('PUT', '/v2/lab/old/manifests/v1', { headers: { 'content-type': type }, body });

    expect([answer.status, answer.code]).toEqual([400, 'MANIFEST_INVALID']);
    expect(messageOf(answer)).toMatch(/schema 1, the format of Docker before 1.10.*skopeo copy --format oci/);
    expect((await lab.send('HEAD', '/v2/lab/old/manifests/v1')).status).toBe(404);
  });

  it('keeps what an index names as bytes, and refuses it for pull with a clear text', async () => {
    const { digest } = await lab.pushBlob('lab/old', SCHEMA_1);
    const manifests = [{ mediaType: SIGNED, digest, size: SCHEMA_1.length }];
    await lab.pushManifest('lab/old', { schemaVersion: 2, mediaType: DOCKER_MANIFEST_LIST, manifests }, 'list');

    const pulled = await lab.send('GET', `/v2/lab/old/manifests/${digest}`);

    expect([pulled.status, pulled.code]).toEqual([404, 'MANIFEST_UNKNOWN']);
    expect(messageOf(pulled)).toMatch(/schema 1, .* get them from \/blobs\//);
    expect((await lab.send('GET', `/v2/lab/old/blobs/${digest}`)).body.equals(SCHEMA_1)).toBe(true);
  });

  it('says nothing of it in a repository that does not name it', async () => {
    await lab.pushManifest('lab/new', { schemaVersion: 2, mediaType: OCI_IMAGE_INDEX, manifests: [] }, 'v1');

    const pulled = await lab.send('GET', `/v2/lab/new/manifests/${digestOf(SCHEMA_1)}`);

    expect([pulled.status, messageOf(pulled)]).toEqual([404, 'image manifest unknown to this repository']);
  });
});
