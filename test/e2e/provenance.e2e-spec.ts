import { createPublicKey } from 'node:crypto';
import { readPublicKey, verifyReceipt } from '@envarium/attestation';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askGraphql } from './graphql-client.js';
import { type ProvenSample, publishProven } from './provenance-server.js';
import { problemOf, type RestClient } from './rest-client.js';
import { startTestServer, type TestServer } from './server-harness.js';

const VERSION = 'versions/lab%2Feeg@v1';

describe('e2e/provenance', () => {
  let server: TestServer;
  let sample: ProvenSample;
  let anonymous: RestClient;

  beforeAll(async () => {
    server = await startTestServer();
    sample = await publishProven(server);
    anonymous = server.anonymous;
  });
  afterAll(async () => {
    await server.stop();
  });

  it('lists receipts newest first, page by page', async () => {
    const first = await anonymous.get(`${VERSION}/receipts?limit=1`).expect(200);
    const second = await anonymous.get(`${VERSION}/receipts?limit=1&cursor=${first.body.next}`).expect(200);

    expect(first.body.items).toEqual([sample.rerun]);
    expect(second.body).toEqual({ items: [sample.rebuild], next: null });
  });

  it('shows a receipt with what was signed', async () => {
    const { body } = await anonymous.get(`receipts/${sample.rebuild.id}`).expect(200);

    expect(body).toEqual({ ...sample.rebuild, rebuild: sample.rebuildPredicate, rerun: null });
  });

  it('hands the envelope out as it was signed, for ever, and it holds with the published keys alone', async () => {
    const answer = await fetch(new URL(`/api/v1/receipts/${sample.rebuild.id}/envelope`, server.url));
    const bytes = Buffer.from(await answer.arrayBuffer());
    const { body } = await anonymous.get('keys').expect(200);

    expect(answer.headers.get('content-type')).toBe('application/vnd.dsse.envelope.v1+json');
    expect(answer.headers.get('cache-control')).toBe('max-age=31536000, immutable');
    expect(answer.headers.get('etag')).toBe(`"${sample.rebuild.envelopeDigest}"`);
    const keys = body.items.map(({ pem }: { pem: string }) => readPublicKey(pem));
    expect(verifyReceipt(bytes, keys, sample.version.imageDigest ?? '').predicate).toEqual(sample.rebuildPredicate);
  });

  it('gives every key as PEM and as JWK: the same key', async () => {
    const { body } = await anonymous.get('keys').expect(200);

    const [key] = body.items;
    expect(key.jwk).toMatchObject({ kty: 'OKP', crv: 'Ed25519', kid: key.keyId });
    const fromJwk = createPublicKey({ key: key.jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    expect(fromJwk).toBe(key.pem);
    expect(Object.keys(key).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      'algorithm',
      'createdAt',
      'jwk',
      'keyId',
      'pem',
      'retiredAt',
    ]);
  });

  it('gives the recipe, its Dockerfile, closures, and what they hold', async () => {
    const recipe = await anonymous.get(`${VERSION}/recipe`).expect(200);
    const dockerfile = await anonymous.get(`${VERSION}/recipe/Dockerfile`).expect(200);
    const closures = await anonymous.get(`${VERSION}/closures`).expect(200);
    const first = await anonymous.get(`${VERSION}/closure/packages?limit=2`).expect(200);
    const rest = await anonymous.get(`${VERSION}/closure/packages?limit=2&cursor=${first.body.next}`).expect(200);

    expect(recipe.body).toEqual(sample.recipe);
    expect(dockerfile.text).toBe('FROM registry.example.org/debian@sha256:0\nRUN apt-get install -y python3\n');
    expect(dockerfile.headers['content-disposition']).toBe('attachment; filename="Dockerfile"');
    expect(closures.body).toEqual({ items: [sample.closure], next: null });
    expect([...first.body.items, ...rest.body.items].map(({ purl }: { purl: string }) => purl)).toEqual([
      'pkg:pypi/numpy@1.0',
      'pkg:pypi/scipy@1.0',
      'pkg:pypi/pandas@1.0',
    ]);
  });

  it.each([
    ['receipts/01ARZ3NDEKTSV4RRFFQ69G5FAV', 404, 'RECEIPT_UNKNOWN'],
    ['receipts/01ARZ3NDEKTSV4RRFFQ69G5FAV/envelope', 404, 'RECEIPT_UNKNOWN'],
    ['receipts/%00', 404, 'RECEIPT_UNKNOWN'],
    ['receipts/%F0%9F%98%80', 404, 'RECEIPT_UNKNOWN'],
    [`${VERSION}/receipts?cursor=no`, 400, 'CURSOR_INVALID'],
    [`${VERSION}/closures?limit=0`, 400, 'REQUEST_INVALID'],
    [`${VERSION}/closure/packages?cursor=WyJ4Il0`, 400, 'CURSOR_INVALID'],
    [`${VERSION}/closure/packages?cursor=Wy01XQ`, 400, 'CURSOR_INVALID'],
    ['versions/lab%2Feeg@v9/recipe', 404, 'VERSION_UNKNOWN'],
  ])('refuses %s', async (path, status, code) => {
    expect(await problemOf(anonymous.get(path))).toMatchObject({ status, code });
  });

  it('says what a version without any of it lacks', async () => {
    const author = await server.account('eve', { other: 'owner' });
    await author.publish('other/plain', { 'requirements.txt': 'numpy==1.0\n' });
    const plain = 'versions/other%2Fplain@v1';

    expect(await problemOf(anonymous.get(`${plain}/recipe`))).toMatchObject({ status: 404, code: 'RECIPE_UNKNOWN' });
    expect(await problemOf(anonymous.get(`${plain}/closure/packages`))).toMatchObject({ code: 'CLOSURE_UNKNOWN' });
    expect((await anonymous.get(`${plain}/receipts`).expect(200)).body).toEqual({ items: [], next: null });
  });

  it('answers by GraphQL for many versions at once', async () => {
    const { data, errors } = await askGraphql(
      anonymous,
      `{ version(reference: "lab/eeg@v1") {
        recipe { artifactDigest document { origin warnings { code line } } }
        closures { edges { node { artifactDigest document { packages { count } builder { name version } } } } }
        receipts(first: 1) { edges { node { id kind outcome isProof } } pageInfo { hasNextPage } }
      } records { edges { node { versions { edges { node { receipts { edges { node { id } } } } } } } } } }`,
    );

    expect(errors).toBeUndefined();
    expect(data?.['version']).toEqual({
      recipe: {
        artifactDigest: sample.recipe.artifactDigest,
        document: {
          origin: 'GENERATED',
          warnings: [
            { code: 'unpinned-package', line: 2 },
            { code: 'mutable-base', line: null },
          ],
        },
      },
      closures: {
        edges: [
          {
            node: {
              artifactDigest: sample.closure.artifactDigest,
              document: { packages: { count: 3 }, builder: { name: 'buildah', version: '1.28.2' } },
            },
          },
        ],
      },
      receipts: {
        edges: [{ node: { id: sample.rerun.id, kind: 'RERUN', outcome: 'within-tolerance', isProof: true } }],
        pageInfo: { hasNextPage: true },
      },
    });
    expect(JSON.stringify(data?.['records'])).toContain(sample.rebuild.id);
  });

  it('counts what a query could ask: receipts of everything are too much', async () => {
    const query = `{ records(first: 1000) { edges { node { versions(first: 100) { edges { node { receipts(first: 1000) { edges { node { id } } } } } } } } } }`;

    const { errors } = await askGraphql(anonymous, query);

    expect(errors?.[0]?.extensions.code).toBe('QUERY_TOO_COMPLEX');
  });

  it('shows nothing of a private record to others', async () => {
    await server.sql(`UPDATE repository SET visibility = 'private' WHERE name = 'lab/eeg'`);

    for (const path of [`receipts/${sample.rebuild.id}`, `receipts/${sample.rebuild.id}/envelope`]) {
      expect(await problemOf(anonymous.get(path))).toMatchObject({ status: 404, code: 'RECEIPT_UNKNOWN' });
    }
    for (const list of ['receipts', 'recipe', 'recipe/Dockerfile', 'closures', 'closure/packages']) {
      expect(await problemOf(anonymous.get(`${VERSION}/${list}`))).toMatchObject({ status: 404 });
    }
    const own = await fetch(new URL(`/api/v1/receipts/${sample.rebuild.id}/envelope`, server.url), {
      headers: { authorization: `Bearer ${server.admin.token}` },
    });
    expect([own.status, own.headers.get('cache-control')]).toEqual([200, 'private, max-age=31536000, immutable']);

    await server.sql(`UPDATE repository SET visibility = 'public' WHERE name = 'lab/eeg'`);
  });

  it('shows the proof on the page: environment and result apart, each with its evidence', async () => {
    const answer = await fetch(new URL(`/records/${sample.recordId}/v/1`, server.url));
    const html = await answer.text();

    expect(answer.status).toBe(200);
    for (const text of [
      'Same environment?',
      'the same files, but for logs and caches',
      'built by buildah 1.28.2',
      'network off but for the recording, tested from inside',
      'rehearsal 1 of 2',
      'Same result?',
      'the same outputs, within the stated tolerance',
      'scipy has no version',
      'requirements.txt, line 2',
      `/api/v1/receipts/${sample.rebuild.id}/envelope`,
      'envarium verify --receipt receipt.json --key keys.pem',
    ]) {
      expect(html).toContain(text);
    }
    expect(html.indexOf('Same result?')).toBeLessThan(html.indexOf('Same environment?'));
    expect(html).not.toContain('<script>');
  });

  it('signs with a new key once an administrator rotates; old receipts still hold', async () => {
    const before = await anonymous.get('keys').expect(200);
    expect((await anonymous.post('keys/rotate', {})).status).toBe(401);
    expect((await (await server.account('bob')).post('keys/rotate', {})).status).toBe(403);

    const made = await server.admin.post('keys/rotate', {}).expect(201);

    const after = await anonymous.get('keys').expect(200);
    expect(after.body.items.map(({ keyId }: { keyId: string }) => keyId)).toEqual([
      made.body.keyId,
      before.body.items[0].keyId,
    ]);
    expect(after.body.items[1].retiredAt).toEqual(expect.any(String));
    const answer = await fetch(new URL(`/api/v1/receipts/${sample.rebuild.id}/envelope`, server.url));
    const keys = after.body.items.map(({ pem }: { pem: string }) => readPublicKey(pem));
    expect(verifyReceipt(Buffer.from(await answer.arrayBuffer()), keys).keyId).toBe(sample.rebuild.keyId);
  });
});
