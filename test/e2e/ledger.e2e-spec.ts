import { digestOf, OCI_IMAGE_CONFIG, OCI_IMAGE_MANIFEST, OCI_LAYER_TAR, parseDigest } from '@envarium/oci';
import { CollectorService } from '@envarium/registry';
import { STORE, type Store } from '@envarium/storage';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OciClient } from './oci-client.js';
import type { RestClient } from './rest-client.js';
import { ADMIN_TOKEN, startTestServer, type TestServer } from './server-harness.js';

const ROUNDS = Number(process.env['ENVARIUM_TEST_LEDGER_ROUNDS'] ?? 25);
const SEED = Number(process.env['ENVARIUM_TEST_SEED'] ?? Date.now() % 2 ** 31);
const AT_ONCE = 6;
const DAY_MS = 24 * 60 * 60 * 1000;
const REPOSITORIES = ['lab/a', 'lab/b', 'lab/c'];

/** Few contents, so that repositories share them and calls meet. */
const BLOBS = Array.from({ length: 8 }, (_, i) => contentOf(`layer ${i}\n`.repeat(100)));
const CONFIGS = Array.from({ length: 3 }, (_, i) =>
  contentOf(JSON.stringify({ architecture: 'amd64', os: 'linux', i })),
);
const IMAGES = Array.from({ length: 6 }, (_, i) => imageOf(i));

interface Content {
  readonly bytes: Buffer;
  readonly digest: string;
}
interface Image extends Content {
  readonly parts: readonly Content[];
}

function contentOf(text: string): Content {
  const bytes = Buffer.from(text);
  return { bytes, digest: digestOf(bytes) };
}

function imageOf(i: number): Image {
  const config = CONFIGS[i % CONFIGS.length]!;
  const layers = [BLOBS[i % BLOBS.length]!, BLOBS[(i * 3 + 1) % BLOBS.length]!];
  const describe = (mediaType: string, { digest, bytes }: Content) => ({ mediaType, digest, size: bytes.length });
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_IMAGE_MANIFEST,
    config: describe(OCI_IMAGE_CONFIG, config),
    layers: layers.map((layer) => describe(OCI_LAYER_TAR, layer)),
  });
  return { ...contentOf(text), parts: [config, ...layers] };
}

/** https://en.wikipedia.org/wiki/Linear_congruential_generator, so that a failure can be repeated from its seed. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** What has been acknowledged. An image that was pushed and deleted in one round may be there or not. */
interface Model {
  readonly present: Map<string, 'yes' | 'no' | 'either'>;
  readonly published: Map<string, Image>;
}

describe(`e2e/ledger (ENVARIUM_TEST_SEED=${SEED})`, () => {
  let server: TestServer;
  let client: OciClient;
  let admin: RestClient;
  let worker: INestApplicationContext;
  const random = randomFrom(SEED);
  const pick = <T>(items: readonly T[]): T => items[random(items.length)]!;

  beforeAll(async () => {
    server = await startTestServer();
    admin = server.admin;
    await admin.post('namespaces', { name: 'lab' }).expect(201);
    client = new OciClient(new URL(server.url).host, null).as({ name: 'admin', secret: ADMIN_TOKEN });
    worker = await server.resolver();
  });
  afterAll(async () => {
    await server.stop();
  });

  async function send(allowed: readonly number[], ...request: Parameters<OciClient['send']>): Promise<number> {
    const answer = await client.send(...request);
    if (!allowed.includes(answer.status)) {
      throw new Error(`${request[0]} ${request[1]} answered ${answer.status} ${answer.body.toString()}`);
    }
    return answer.status;
  }

  const pushBlob = async (repository: string, { bytes, digest }: Content): Promise<number> =>
    await send([201, 400], 'POST', `/v2/${repository}/blobs/uploads/?digest=${digest}`, { body: bytes });

  const pushManifest = async (repository: string, { bytes, digest }: Image, reference = digest): Promise<number> =>
    await send([201, 404], 'PUT', `/v2/${repository}/manifests/${reference}`, {
      headers: { 'content-type': OCI_IMAGE_MANIFEST },
      body: bytes,
    });

  const pushImage = async (repository: string, image: Image): Promise<boolean> => {
    for (const part of image.parts) await pushBlob(repository, part);
    return (await pushManifest(repository, image)) === 201;
  };

  /** One call of a random kind. Tells the model what was acknowledged. */
  async function act(note: (repository: string, image: Image, presence: 'yes' | 'no') => void): Promise<void> {
    const repository = pick(REPOSITORIES);
    const image = pick(IMAGES);
    const blob = pick(BLOBS);
    switch (random(9)) {
      case 0:
        await pushBlob(repository, blob);
        return;
      case 1:
        await send(
          [201, 202, 404],
          'POST',
          `/v2/${repository}/blobs/uploads/?mount=${blob.digest}&from=${pick(REPOSITORIES)}`,
        );
        return;
      case 2:
      case 3:
      case 4:
        if (await pushImage(repository, image)) note(repository, image, 'yes');
        return;
      case 5:
        if ((await send([202, 404, 405], 'DELETE', `/v2/${repository}/manifests/${image.digest}`)) === 202) {
          note(repository, image, 'no');
        }
        return;
      case 6:
        await send([202, 404, 405], 'DELETE', `/v2/${repository}/blobs/${blob.digest}`);
        return;
      default:
        await collect();
    }
  }

  /** The collector, as if a month had gone by: everything that nothing names is out of its grace. */
  async function collect(): Promise<void> {
    const collector = worker.get(CollectorService, { strict: false });
    await collector.review(50, new Date(Date.now() + 30 * DAY_MS));
    await collector.remove(50, new Date(Date.now() + 60 * DAY_MS));
  }

  async function publish(repository: string, image: Image, model: Model): Promise<void> {
    const deposited = await admin.post('deposits', { repository, image: image.digest });
    if (deposited.status !== 201 && deposited.status !== 200) return;
    const { number } = (deposited.body as { version: { number: number } }).version;
    const answer = await admin.post(`versions/${encodeURIComponent(repository)}@v${number}/publish`, {});
    if (answer.status === 200) model.published.set(`${repository}@v${number}`, image);
  }

  async function assertPullable(repository: string, { bytes, digest, parts }: Image): Promise<void> {
    const manifest = await client.send('GET', `/v2/${repository}/manifests/${digest}`);
    expect([manifest.status, manifest.body.equals(bytes)], `${repository}@${digest}`).toEqual([200, true]);
    for (const part of parts) {
      const blob = await client.send('GET', `/v2/${repository}/blobs/${part.digest}`);
      expect([blob.status, blob.body.equals(part.bytes)], `${repository}@${part.digest}`).toEqual([200, true]);
    }
  }

  async function assertModel(model: Model): Promise<void> {
    for (const repository of REPOSITORIES) {
      for (const image of IMAGES) {
        const presence = model.present.get(`${repository}@${image.digest}`) ?? 'no';
        const { status } = await client.send('HEAD', `/v2/${repository}/manifests/${image.digest}`);
        if (presence === 'either') model.present.set(`${repository}@${image.digest}`, status === 200 ? 'yes' : 'no');
        else expect(status, `${repository}@${image.digest}`).toBe(presence === 'yes' ? 200 : 404);
        if (status === 200) await assertPullable(repository, image);
      }
    }
    for (const [reference, image] of model.published) await assertPullable(reference.split('@')[0]!, image);
    expect(
      await server.sql(
        `SELECT digest FROM blob WHERE state IN ('quarantined', 'removed') AND envarium_is_named(digest)`,
      ),
    ).toEqual([]);
    const store = worker.get<Store>(STORE);
    for (const { digest } of await server.sql<{ digest: string }>(`SELECT digest FROM blob WHERE state = 'ok'`)) {
      expect((await store.blobs.verify(parseDigest(digest))).outcome, digest).toBe('ok');
    }
  }

  it(
    `keeps every acknowledged byte through ${ROUNDS} rounds of pushes, mounts, deletions, publications and collections`,
    { timeout: 300_000 },
    async () => {
      const model: Model = { present: new Map(), published: new Map() };
      for (let round = 1; round <= ROUNDS; round++) {
        const touched = new Map<string, Set<'yes' | 'no'>>();
        const note = (repository: string, { digest }: Image, presence: 'yes' | 'no'): void => {
          const key = `${repository}@${digest}`;
          touched.set(key, (touched.get(key) ?? new Set()).add(presence));
        };
        await Promise.all(Array.from({ length: AT_ONCE }, () => act(note)));
        for (const [key, outcomes] of touched) {
          const [only] = outcomes;
          model.present.set(key, outcomes.size === 1 && only !== undefined ? only : 'either');
        }
        // One repository becomes an archive in the middle, another near the end; the third stays in work.
        if (round === Math.ceil(ROUNDS / 3)) await publish('lab/a', pick(IMAGES), model);
        if (round === Math.ceil(ROUNDS / 2)) {
          await pushImage('lab/b', IMAGES[0]!);
          model.present.set(`lab/b@${IMAGES[0]!.digest}`, 'yes');
          await publish('lab/b', IMAGES[0]!, model);
        }
        await assertModel(model);
      }
      await collect();
      await assertModel(model);

      expect(model.published.size).toBeGreaterThan(0);
    },
  );
});
