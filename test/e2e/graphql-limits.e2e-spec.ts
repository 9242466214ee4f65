import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askGraphql, refusalOf } from './graphql-client.js';
import { startTestServer, type TestServer } from './server-harness.js';

const FIGURE = `sha256:${'f3'.repeat(32)}`;

let server: TestServer;

async function refusal(
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<[number, string | undefined]> {
  return await refusalOf(server.anonymous, query, variables);
}

beforeAll(async () => {
  server = await startTestServer();
  const author = await server.account('ada', { lab: 'owner' });
  await author.publish('lab/eeg', { 'requirements.txt': 'numpy==1.26.4\n' });
});

afterAll(async () => {
  await server.stop();
});

describe('graphql/limits', () => {
  const nested = (levels: number): string =>
    Array.from({ length: levels }, () => 'record { versions(first: 1) { edges { node { ').join('') +
    'number' +
    ' } } } }'.repeat(levels);

  it('refuses a query that is too deep', async () => {
    expect(await refusal(`{ version(reference: "lab/eeg") { ${nested(3)} } }`)).toEqual([200, undefined]);
    expect(await refusal(`{ version(reference: "lab/eeg") { ${nested(4)} } }`)).toEqual([400, 'QUERY_TOO_COMPLEX']);
  });

  it('refuses a query that is too costly, also through variables, aliases and fragments', async () => {
    const wide = 'records(first: $n) { edges { node { versions(first: $n) { edges { node { number } } } } } }';
    const query = `query($n: Int!) { ${wide} }`;
    expect(await refusal(query, { n: 20 })).toEqual([200, undefined]);
    expect(await refusal(query, { n: 100 })).toEqual([400, 'QUERY_TOO_COMPLEX']);
    expect(await refusal(`query($n: Int! = 100) { ${wide} }`)).toEqual([400, 'QUERY_TOO_COMPLEX']);
    const aliases = Array.from({ length: 20 }, (_, i) => `a${i}: ${wide}`).join(' ');
    expect(await refusal(`query($n: Int!) { ${aliases} }`, { n: 20 })).toEqual([400, 'QUERY_TOO_COMPLEX']);
    const doubling = Array.from(
      { length: 40 },
      (_, i) => `fragment F${i} on Query { ...F${i + 1} a: __typename ...F${i + 1} }`,
    );
    expect(
      await refusal(`{ ...F0 } ${doubling.join(' ')} fragment F40 on Query { records { edges { cursor } } }`),
    ).toEqual([400, 'QUERY_TOO_COMPLEX']);
    expect(
      await refusal(
        '{ records(first: 200) { edges { node { versions(first: 1) { edges { node { resolution { version } } } } } } } }',
      ),
    ).toEqual([400, 'QUERY_TOO_COMPLEX']);
  });

  it('says by how much', async () => {
    const { body } = await server.anonymous.post('/graphql', {
      query: '{ records(first: 1000) { edges { node { versions(first: 1000) { edges { cursor } } } } } }',
    });

    expect(body).toEqual({
      errors: [
        {
          message: 'the query is too deep or too costly',
          extensions: {
            code: 'QUERY_TOO_COMPLEX',
            detail: { cost: 2_003_001, maximum: 20_000 },
            remedy: 'Ask for fewer levels or smaller pages.',
          },
        },
      ],
    });
  });

  it.each([
    ['a page size of nothing', '{ records(first: 0) { edges { cursor } } }', [200, 'REQUEST_INVALID']],
    ['a page size below nothing', '{ records(first: -5) { edges { cursor } } }', [200, 'REQUEST_INVALID']],
    ['a page size above the limit', '{ records(first: 1001) { edges { cursor } } }', [200, 'REQUEST_INVALID']],
    ['a cursor of another list', '{ records(after: "WzFd") { edges { cursor } } }', [200, 'CURSOR_INVALID']],
    ['a broken cursor', '{ records(after: "!") { edges { cursor } } }', [200, 'CURSOR_INVALID']],
    [
      'two questions at once',
      `{ whatRan(doi: "10.5555/story", file: "${FIGURE}") { edges { cursor } } }`,
      [200, 'REQUEST_INVALID'],
    ],
    ['no question', '{ whatRan { edges { cursor } } }', [200, 'REQUEST_INVALID']],
    ['what is no DOI', '{ article(doi: "what") { title } }', [200, 'DOI_INVALID']],
    ['a NUL', String.raw`{ records(namespace: "\u0000") { edges { cursor } } }`, [200, 'REQUEST_INVALID']],
    ['an unknown field', '{ records { password } }', [400, 'REQUEST_INVALID']],
    ['a syntax error', '{ records', [400, 'REQUEST_INVALID']],
    ['a parsed document', '{"kind":"Document","definitions":[]}', [400, 'REQUEST_INVALID']],
    ['a mutation', 'mutation { publish }', [200, 'REQUEST_INVALID']],
    ['more tokens than any reader needs', `{ ${'__typename '.repeat(5000)} }`, [400, 'REQUEST_INVALID']],
    ['a query longer than 32 KiB', `{ __typename } #${'x'.repeat(33_000)}`, [400, 'REQUEST_INVALID']],
  ])('refuses %s', async (_, query, expected) => {
    expect(await refusal(query)).toEqual(expected);
  });

  it('checks variables against their types', async () => {
    const query = 'query($first: Int) { records(first: $first) { edges { cursor } } }';

    expect(await refusal(query, { first: 'many' })).toEqual([400, 'REQUEST_INVALID']);
  });

  it('refuses an operation that is not there', async () => {
    const { status, body } = await server.anonymous.post('/graphql', {
      query: 'query A { whoami { account } }',
      operationName: 'B',
    });

    expect([status, body.errors[0].extensions.code]).toEqual([400, 'REQUEST_INVALID']);
  });

  it('refuses a list of requests, a body that is no request, and one of 256 KiB', async () => {
    const post = async (body: string | object): Promise<[number, string]> => {
      const answer = await server.anonymous.post('/graphql', body).set('Content-Type', 'application/json');
      return [answer.status, answer.body.errors[0].extensions.code];
    };

    expect(await post([{ query: '{ whoami { account } }' }])).toEqual([400, 'REQUEST_INVALID']);
    expect(await post({})).toEqual([400, 'REQUEST_INVALID']);
    expect(await post('{')).toEqual([400, 'REQUEST_INVALID']);
    expect(await post({ query: '{ __typename }', variables: { x: 'x'.repeat(262_144) } })).toEqual([
      413,
      'BODY_TOO_LARGE',
    ]);
  });

  it('answers a hostile document within seconds', async () => {
    const same = 'records { edges { node { versions { edges { node { number } } } } } } '.repeat(110);
    const start = performance.now();

    await askGraphql(server.anonymous, `{ ${same} }`);

    // Milliseconds, in truth; a busy machine may stand still for longer than a second.
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
