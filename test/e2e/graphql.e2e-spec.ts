import { getIntrospectionQuery } from 'graphql';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { askGraphql, type GraphqlAnswer, refusalOf } from './graphql-client.js';
import { RestClient } from './rest-client.js';
import { type PushedImage, pushImage, startTestServer, type TestServer } from './server-harness.js';

const FIGURE = `sha256:${'f3'.repeat(32)}`;
const CPUINFO =
  'processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: Intel(R) Xeon(R)\nflags\t\t: fpu sse2\n';

const Page = z.object({
  edges: z.array(z.object({ cursor: z.string(), node: z.object({ repository: z.string() }) })),
  pageInfo: z.object({ endCursor: z.string(), hasNextPage: z.boolean() }),
});

let server: TestServer;
let author: RestClient;
let image: PushedImage;

async function ask(
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
  client: RestClient = server.anonymous,
): Promise<GraphqlAnswer> {
  return await askGraphql(client, query, variables);
}

async function refusal(query: string): Promise<[number, string | undefined]> {
  return await refusalOf(server.anonymous, query);
}

async function link(reference: string, article: string, output: string, more: object = {}): Promise<void> {
  await author.post(`versions/${encodeURIComponent(reference)}/links`, { article, output, ...more }).expect(201);
}

beforeAll(async () => {
  server = await startTestServer();
  author = await server.account('ada', { lab: 'owner', other: 'owner' });
  image = await pushImage(author, 'lab/eeg', 'work');
  const files = { 'requirements.txt': 'numpy==1.26.4\nscipy==1.13.0\npandas>=2.0\n', 'hardware/cpuinfo': CPUINFO };
  await author.publish('lab/eeg', files, { title: 'EEG analysis', image: 'work' });
  await link('lab/eeg@v1', '10.5555/story', 'Figure 3b', {
    articleTitle: 'On oscillations',
    command: 'python fig3.py',
    files: [{ name: 'fig3.svg', digest: FIGURE, size: 5_000_000_000 }],
  });
  await link('lab/eeg@v1', '10.5555/story', 'Table S2');
  for (let i = 1; i <= 6; i++) {
    await author.publish(`lab/many-${i}`, { 'requirements.txt': `numpy==1.${i}\nscipy==1.${i}\n` });
    await author.publish(`lab/many-${i}`, { 'requirements.txt': `numpy==2.${i}\n`, 'environment.yml': 'name: x\n' });
    await link(`lab/many-${i}@v2`, `10.5555/many.${i}`, 'Figure 1');
    await link(`lab/many-${i}@v2`, `10.5555/many.${i}`, 'Figure 2');
  }
  await author.publish(
    'other/private',
    { 'requirements.txt': 'numpy==1.0\n' },
    { visibility: 'private', title: 'Hidden' },
  );
  await link('other/private@v1', '10.5555/hidden', 'Figure 1');
  await author.deposit('lab/draft', { 'requirements.txt': 'numpy==1.0\n' }).expect(201);
});

afterAll(async () => {
  await server.stop();
});

describe('graphql/story', () => {
  it('answers what ran a figure, down to the bytes of the image', async () => {
    const { status, data, errors } = await ask(
      `query WhatRan($doi: String!, $output: String!) {
        whatRan(doi: $doi, output: $output) {
          edges { node {
            status assertedBy assertedRole
            article { doi url title }
            output { label scope kind number panel asPrinted }
            run { command files { name digest size } }
            pull { docker }
            version {
              number state title imageDigest publishedAt
              record { repository latestVersion visibility }
              environment { packageCount ecosystems { ecosystem packageCount } }
              packages { edges { node { ecosystem name version build scope standing } } pageInfo { hasNextPage } }
              packageFiles { path format packageCount }
              hardware { cpuModel }
              hardwareFingerprint { cpu { modelNames { value source learned } } }
              holds { reason liftedAt }
              image { kind mediaType size config { mediaType } layers { mediaType digest } platforms { architecture os variant } }
              resolution(architecture: "x86_64") { routes { kind grade fixity { blobCount size } } fit { willItStart { verdict } } }
            }
          } }
        }
      }`,
      { doi: 'https://doi.org/10.5555/STORY', output: 'Fig. 3B' },
    );

    expect(errors).toBeUndefined();
    expect(status).toBe(200);
    expect(data?.['whatRan'].edges).toMatchObject([
      {
        node: {
          status: 'PROPOSED',
          assertedBy: 'ada',
          assertedRole: 'AUTHOR',
          article: { doi: '10.5555/story', url: 'https://doi.org/10.5555/story', title: 'On oscillations' },
          output: {
            label: 'Figure 3b',
            scope: 'MAIN',
            kind: 'figure',
            number: '3',
            panel: 'b',
            asPrinted: 'Figure 3b',
          },
          run: { command: 'python fig3.py', files: [{ name: 'fig3.svg', digest: FIGURE, size: 5_000_000_000 }] },
          pull: { docker: `docker pull ${new URL(server.url).host}/lab/eeg@${image.digest}` },
          version: {
            number: 1,
            state: 'PUBLISHED',
            title: 'EEG analysis',
            imageDigest: image.digest,
            publishedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
            record: { repository: 'lab/eeg', latestVersion: 1, visibility: 'PUBLIC' },
            environment: { packageCount: 3, ecosystems: [{ ecosystem: 'pypi', packageCount: 3 }] },
            packages: {
              edges: [
                {
                  node: {
                    ecosystem: 'pypi',
                    name: 'numpy',
                    version: '1.26.4',
                    build: '',
                    scope: 'language',
                    standing: 'locked',
                  },
                },
                {
                  node: {
                    ecosystem: 'pypi',
                    name: 'scipy',
                    version: '1.13.0',
                    build: '',
                    scope: 'language',
                    standing: 'locked',
                  },
                },
              ],
              pageInfo: { hasNextPage: false },
            },
            packageFiles: [
              { path: 'hardware/cpuinfo', format: 'cpuinfo', packageCount: 0 },
              { path: 'requirements.txt', format: 'pip-requirements', packageCount: 3 },
            ],
            hardware: { cpuModel: 'Intel(R) Xeon(R)' },
            hardwareFingerprint: {
              cpu: { modelNames: { value: ['Intel(R) Xeon(R)'], source: 'CPUINFO', learned: 'REPORTED' } },
            },
            holds: [{ reason: 'published: kept for as long as this archive exists', liftedAt: null }],
            image: {
              kind: 'IMAGE',
              mediaType: 'application/vnd.oci.image.manifest.v1+json',
              config: { mediaType: 'application/vnd.oci.image.config.v1+json' },
              layers: [{ digest: image.digests[2] }],
              platforms: [{ architecture: 'amd64', os: 'linux', variant: null }],
            },
            resolution: {
              routes: [
                { kind: 'PULL', grade: 'IDENTICAL', fixity: { blobCount: 3, size: image.size } },
                { kind: 'RE_RESOLVE', grade: 'PARTIAL', fixity: null },
              ],
              fit: { willItStart: { verdict: 'YES' } },
            },
          },
        },
      },
    ]);
  });

  it('answers by the digest of the figure file', async () => {
    const { data } = await ask(
      'query($file: String) { whatRan(file: $file) { edges { node { output { label } } } } }',
      { file: FIGURE },
    );

    expect(data?.['whatRan'].edges).toEqual([{ node: { output: { label: 'Figure 3b' } } }]);
  });

  it('walks from an article to its outputs, their links, and back', async () => {
    const { data, errors } = await ask(`{
      article(doi: "10.5555/story") { title outputs { edges { node { label links { edges { node {
        version { repository links { edges { node { article { doi } output { label } } } } }
      } } } } } } }
      whatRan(file: "${FIGURE}") { edges { node { output { label links { edges { node { assertedBy } } } } } } }
    }`);

    expect(errors).toBeUndefined();
    const back = (label: string): object => ({ node: { article: { doi: '10.5555/story' }, output: { label } } });
    const version = { repository: 'lab/eeg', links: { edges: [back('Figure 3b'), back('Supplementary Table 2')] } };
    const links = { edges: [{ node: { version } }] };
    expect(data?.['article']).toEqual({
      title: 'On oscillations',
      outputs: {
        edges: [{ node: { label: 'Figure 3b', links } }, { node: { label: 'Supplementary Table 2', links } }],
      },
    });
    const claims = { edges: [{ node: { assertedBy: 'ada' } }] };
    expect(data?.['whatRan'].edges).toEqual([{ node: { output: { label: 'Figure 3b', links: claims } } }]);
  });

  it('answers GET with variables', async () => {
    const query = new URLSearchParams({
      query: 'query Q($reference: String!) { record(reference: $reference) { repository } }',
      variables: '{"reference":"lab/eeg"}',
      operationName: 'Q',
    });

    const { body } = await server.anonymous.get(`/graphql?${query}`).expect(200);

    expect(body).toEqual({ data: { record: { repository: 'lab/eeg' } } });
  });

  it('says who asks', async () => {
    const query = '{ whoami { account isAdmin memberships { namespace role } } }';

    expect((await ask(query)).data).toEqual({ whoami: { account: null, isAdmin: false, memberships: [] } });
    expect((await ask(query, {}, author)).data).toEqual({
      whoami: {
        account: 'ada',
        isAdmin: false,
        memberships: [
          { namespace: 'lab', role: 'OWNER' },
          { namespace: 'other', role: 'OWNER' },
        ],
      },
    });
  });

  it('lets itself be introspected', async () => {
    const { status, data } = await ask(getIntrospectionQuery());

    expect(status).toBe(200);
    expect(data?.['__schema'].mutationType).toBeNull();
  });
});

describe('graphql/permissions', () => {
  it('hides what is private from everybody else', async () => {
    const { status, data, errors } = await ask('{ record(reference: "other/private") { title } }');

    expect(status).toBe(200);
    expect(data).toEqual({ record: null });
    expect(errors).toEqual([
      {
        message: 'record not found',
        locations: undefined,
        path: ['record'],
        extensions: { code: 'RECORD_UNKNOWN', detail: { reference: 'other/private' } },
      },
    ]);
    expect(await refusal('{ version(reference: "other/private@v1") { title } }')).toEqual([200, 'VERSION_UNKNOWN']);
    expect(await refusal('{ version(reference: "lab/draft@v1") { title } }')).toEqual([200, 'VERSION_UNKNOWN']);
    expect(await refusal('{ article(doi: "10.5555/hidden") { title } }')).toEqual([200, 'ARTICLE_UNKNOWN']);
    expect((await ask('{ whatRan(doi: "10.5555/hidden") { edges { cursor } } }')).data).toEqual({
      whatRan: { edges: [] },
    });
    expect((await ask('{ records(namespace: "other") { edges { cursor } } }')).data).toEqual({
      records: { edges: [] },
    });
  });

  it('hides it from a member of another namespace, and shows it to its own', async () => {
    const stranger = await server.account('bob', { elsewhere: 'owner' });
    const query =
      '{ records(namespace: "other") { edges { node { title versions { edges { node { number links { edges { cursor } } } } } } } } }';

    expect((await ask(query, {}, stranger)).data).toEqual({ records: { edges: [] } });
    expect((await ask(query, {}, author)).data?.['records'].edges).toMatchObject([
      { node: { title: 'Hidden', versions: { edges: [{ node: { number: 1, links: { edges: [{}] } } }] } } },
    ]);
  });

  it('shows a draft to its namespace only', async () => {
    const query = '{ version(reference: "lab/draft") { state packageFiles { path } } }';

    expect((await ask(query, {}, author)).data).toEqual({
      version: { state: 'DRAFT', packageFiles: [{ path: 'requirements.txt' }] },
    });
  });

  it('refuses a token that does not hold', async () => {
    const { status, body, headers } = await new RestClient(server.url, 'env_wrong').post('/graphql', {
      query: '{ whoami { account } }',
    });

    expect(status).toBe(401);
    expect(headers['www-authenticate']).toBe('Bearer realm="envarium"');
    expect(body.errors).toMatchObject([
      { extensions: { code: 'TOKEN_INVALID', remedy: expect.stringContaining('token') } },
    ]);
  });
});

describe('graphql/connections', () => {
  it.each([1, 2, 3, 7])('gives every record once, %i at a time', async (first) => {
    const seen: string[] = [];
    let after: string | null = null;
    for (let page = 0; page < 20; page++) {
      const { data, errors } = await ask(
        'query($first: Int!, $after: String) { records(first: $first, after: $after) { edges { cursor node { repository } } pageInfo { endCursor hasNextPage } } }',
        { first, after },
      );
      expect(errors).toBeUndefined();
      const { edges, pageInfo } = Page.parse(data?.['records']);
      seen.push(...edges.map((edge) => edge.node.repository));
      expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor);
      after = pageInfo.endCursor;
      if (!pageInfo.hasNextPage) break;
    }

    expect(seen).toEqual([...[6, 5, 4, 3, 2, 1].map((i) => `lab/many-${i}`), 'lab/eeg']);
  });

  it('goes on after any item', async () => {
    const all = await ask('{ version(reference: "lab/many-1@v1") { packages { edges { cursor node { name } } } } }');
    const one = all.data?.['version'].packages.edges[0];

    const rest = await ask(
      'query($after: String) { version(reference: "lab/many-1@v1") { packages(after: $after) { edges { node { name } } } } }',
      { after: one.cursor },
    );

    expect(one.node).toEqual({ name: 'numpy' });
    expect(rest.data?.['version'].packages.edges).toEqual([{ node: { name: 'scipy' } }]);
  });

  it('pages versions, outputs and links inside lists', async () => {
    const { data, errors } = await ask(`{
      records(first: 2) { edges { node { versions(first: 1) { edges { node { number links(first: 1) { edges { node { output { label } } } pageInfo { hasNextPage } } } } pageInfo { hasNextPage } } } } }
      articles(first: 1) { edges { node { doi outputs(first: 1) { edges { node { label } } pageInfo { hasNextPage } } } } }
    }`);

    expect(errors).toBeUndefined();
    const node = {
      versions: {
        edges: [
          {
            node: {
              number: 2,
              links: { edges: [{ node: { output: { label: 'Figure 1' } } }], pageInfo: { hasNextPage: true } },
            },
          },
        ],
        pageInfo: { hasNextPage: true },
      },
    };
    expect(data?.['records'].edges).toEqual([{ node }, { node }]);
    expect(data?.['articles'].edges).toEqual([
      {
        node: {
          doi: '10.5555/many.6',
          outputs: { edges: [{ node: { label: 'Figure 1' } }], pageInfo: { hasNextPage: true } },
        },
      },
    ]);
  });
});

describe('graphql/queries', () => {
  const everything = (first: number): string => `{
    records(first: ${first}, namespace: "lab") { edges { node { title versions(first: 3) { edges { node {
      number record { title } packages(first: 3) { edges { node { name } } } packageFiles { path } holds { reason }
      pointers(first: 2) { edges { node { reference } } } hardwareFingerprint { kernel { value } } image { digest }
      links(first: 3) { edges { node { output { label links(first: 1) { edges { cursor } } } } } }
    } } } } } }
  }`;

  it('asks the database as often for six records as for one', async () => {
    const one = await statements(everything(1));
    const six = await statements(everything(6));

    expect(one.answer.errors).toBeUndefined();
    expect(six.answer.data?.['records'].edges).toHaveLength(6);
    expect(six.count).toBe(one.count);
  });

  it('asks the database as often for six articles as for one', async () => {
    const query = (first: number): string =>
      `{ articles(first: ${first}) { edges { node { title outputs { edges { node { label links { edges { node { version { title record { title } } } } } } } } } } } }`;

    const one = await statements(query(1));
    const six = await statements(query(6));

    expect(six.answer.data?.['articles'].edges).toHaveLength(6);
    expect(six.count).toBe(one.count);
  });

  /** Counts what goes over the connections of this process, the server's included. */
  async function statements(query: string): Promise<{ answer: GraphqlAnswer; count: number }> {
    const spy = vi.spyOn(pg.Client.prototype, 'query');
    try {
      return { answer: await ask(query), count: spy.mock.calls.length };
    } finally {
      spy.mockRestore();
    }
  }
});

describe('graphql/failures', () => {
  it('shows nothing of a failure of ours but the id of the request', async () => {
    await server.sql('ALTER TABLE hold RENAME TO hold_away');
    try {
      const { body, status, headers } = await server.anonymous.post('/graphql', {
        query: '{ records(first: 3) { edges { node { versions { edges { node { holds { reason } } } } } } } }',
      });

      expect(status).toBe(200);
      expect(body.errors[0]).toMatchObject({
        message: 'internal error',
        extensions: {
          code: 'INTERNAL',
          requestId: headers['x-request-id'],
          remedy: 'Report the request id to the operator.',
        },
      });
      expect(JSON.stringify(body)).not.toMatch(/hold_away|relation|prisma/i);
    } finally {
      await server.sql('ALTER TABLE hold_away RENAME TO hold');
    }
  });
});
