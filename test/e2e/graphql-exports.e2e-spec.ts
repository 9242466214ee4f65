import { PointersService } from '@envarium/decay';
import { digestOf } from '@envarium/oci';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { askGraphql, refusalOf } from './graphql-client.js';
import type { RestClient } from './rest-client.js';
import { startTestServer, type TestServer } from './server-harness.js';

const PIP_LOCK = `numpy==1.26.4 \\\n    --hash=sha256:${'a'.repeat(64)}\n`;
const BYTES = Buffer.from('a wheel');

const Given = z.object({ mediaType: z.string(), digest: z.string(), path: z.string(), content: z.string() });
const Exports = z.object({ cyclonedx: Given.loose(), spdx: Given, pip: Given });

let server: TestServer;
let author: RestClient;

const ask = async (query: string, client: RestClient = server.anonymous) => await askGraphql(client, query);

beforeAll(async () => {
  server = await startTestServer();
  author = await server.account('ada', { lab: 'owner' });
  await author.publish('lab/exact', { 'requirements.txt': PIP_LOCK });
  await author.publish('lab/loose', { 'requirements.txt': 'numpy>=1.20\n' });
  await author.deposit('lab/draft', { 'requirements.txt': PIP_LOCK }).expect(201);
});

afterAll(async () => {
  await server.stop();
});

describe('graphql/exports', () => {
  it('gives the bytes that REST gives, and says where', async () => {
    const { data, errors } = await ask(`{ version(reference: "lab/exact@v1") {
      cyclonedx: export(format: CYCLONEDX) { format mediaType fileName digest size path content }
      spdx: export(format: SPDX) { mediaType digest path content }
      pip: export(format: PIP, file: "requirements.txt") { mediaType digest path content }
    } }`);

    expect(errors).toBeUndefined();
    const { cyclonedx, spdx, pip } = Exports.parse(data?.['version']);
    expect(cyclonedx).toMatchObject({
      format: 'CYCLONEDX',
      mediaType: 'application/vnd.cyclonedx+json',
      fileName: 'lab-exact-v1.cdx.json',
      size: Buffer.byteLength(cyclonedx.content),
    });
    expect(pip.mediaType).toBe('text/plain; charset=utf-8');
    expect(pip.content).toContain(PIP_LOCK);
    for (const each of [cyclonedx, spdx, pip]) {
      const { headers } = await server.anonymous.get(each.path).expect(200);
      expect(headers['etag']).toBe(`"${each.digest}"`);
      expect(digestOf(Buffer.from(each.content))).toBe(each.digest);
    }
    expect(JSON.parse(spdx.content)).toMatchObject({ spdxVersion: 'SPDX-2.3', name: 'lab/exact v1' });
  });

  it('refuses what would not be exact, and answers the rest of the query', async () => {
    const { status, data, errors } = await ask(`{ version(reference: "lab/loose@v1") {
      number pip: export(format: PIP) { content } spdx: export(format: SPDX) { fileName }
    } }`);

    expect(status).toBe(200);
    expect(data?.['version']).toEqual({ number: 1, pip: null, spdx: { fileName: 'lab-loose-v1.spdx.json' } });
    expect(errors).toMatchObject([
      {
        path: ['version', 'pip'],
        extensions: { code: 'EXPORT_REFUSED', detail: { format: 'pip', reason: 'not-exact', offenderCount: 1 } },
      },
    ]);
  });

  it('shows a draft to its author only', async () => {
    const query =
      '{ version(reference: "lab/draft@v1") { export(format: PIP) { content } pointers { edges { cursor } } } }';

    expect((await ask(query)).data?.['version']).toBeNull();
    expect((await ask(query, author)).data?.['version'].export.content).toContain(PIP_LOCK);
  });

  it.each([
    [
      'a format that there is not',
      '{ version(reference: "lab/exact") { export(format: ZIP) { size } } }',
      400,
      'REQUEST_INVALID',
    ],
    ['no format', '{ version(reference: "lab/exact") { export { size } } }', 400, 'REQUEST_INVALID'],
    [
      'an endless name',
      `{ version(reference: "lab/exact") { export(format: PIP, file: "${'x'.repeat(2000)}") { size } } }`,
      200,
      'REQUEST_INVALID',
    ],
    [
      'more of them than a handful',
      `{ version(reference: "lab/exact") { ${Array.from({ length: 10 }, (_, i) => `e${i}: export(format: SPDX) { size }`).join(' ')} } }`,
      400,
      'QUERY_TOO_COMPLEX',
    ],
    [
      'those of a list of versions',
      '{ record(reference: "lab/exact") { versions(first: 10) { edges { node { export(format: SPDX) { size } } } } } }',
      400,
      'QUERY_TOO_COMPLEX',
    ],
  ])('refuses %s', async (_, query, status, code) => {
    expect(await refusalOf(server.anonymous, query)).toEqual([status, code]);
  });
});

describe('graphql/pointers', () => {
  beforeAll(async () => {
    const [row] = await server.sql<{ id: string }>(
      `SELECT v.id FROM record_version v JOIN archive_record r ON r.id = v.record_id
       JOIN repository p ON p.id = r.repository_id WHERE p.name = 'lab/exact'`,
    );
    const at = (name: string) => ({
      url: `https://files.example.org/${name}`,
      digest: digestOf(BYTES),
      size: BYTES.length,
    });
    await (
      await server.resolver()
    )
      .get(PointersService, { strict: false })
      .collect(BigInt(row?.id ?? 0), [at('goes'), at('stays')]);
    await server.sql(
      `UPDATE upstream_pointer SET state = 'ok', last_checked_at = '2026-01-31T12:00:00Z', state_since = '2026-01-01T12:00:00Z'
       WHERE reference LIKE '%/stays'`,
    );
  });

  it('says where a version came from and when that was last seen, page by page', async () => {
    const fields =
      'edges { cursor node { kind reference digest size state detail lastCheckedAt stateSince } } pageInfo { hasNextPage }';
    const page = async (after: string) =>
      (await ask(`{ version(reference: "lab/exact@v1") { pointers(first: 1${after}) { ${fields} } } }`)).data?.[
        'version'
      ].pointers;

    const first = await page('');
    const second = await page(`, after: "${first.edges[0].cursor}"`);

    expect(first).toMatchObject({
      edges: [{ node: { reference: 'https://files.example.org/goes', state: 'UNCHECKED', lastCheckedAt: null } }],
      pageInfo: { hasNextPage: true },
    });
    expect(second).toMatchObject({
      edges: [
        {
          node: {
            kind: 'PACKAGE',
            reference: 'https://files.example.org/stays',
            digest: digestOf(BYTES),
            size: 7,
            state: 'OK',
            detail: null,
            lastCheckedAt: '2026-01-31T12:00:00.000Z',
            stateSince: '2026-01-01T12:00:00.000Z',
          },
        },
      ],
      pageInfo: { hasNextPage: false },
    });
  });

  it('has none for a version of which none is known', async () => {
    const { data } = await ask('{ version(reference: "lab/loose@v1") { pointers { edges { cursor } } } }');

    expect(data?.['version'].pointers.edges).toEqual([]);
  });

  it('takes only its own cursors', async () => {
    expect(
      await refusalOf(
        server.anonymous,
        '{ version(reference: "lab/exact") { pointers(after: "!") { edges { cursor } } } }',
      ),
    ).toEqual([200, 'CURSOR_INVALID']);
  });
});
