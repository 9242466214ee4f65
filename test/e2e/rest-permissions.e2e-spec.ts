import { RecordsService } from '@envarium/records';
import { archiveSampleProvenance } from '@envarium/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemOf, type RestClient } from './rest-client.js';
import { pushImage, startTestServer, type TestServer } from './server-harness.js';

const FILES = {
  'requirements.txt': 'numpy==1.26.4\n',
  cpuinfo: 'processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R)\nflags\t\t: fpu sse2\n',
};
const WHO = ['anonymous', 'stranger', 'reader', 'depositor', 'owner', 'admin'] as const;
type Who = (typeof WHO)[number];

const METHODS: Readonly<Record<string, 'get' | 'post' | 'put' | 'delete'>> = {
  GET: 'get',
  POST: 'post',
  PUT: 'put',
  DELETE: 'delete',
};

type Statuses = readonly [number, number, number, number, number, number];
const ALL: Statuses = [200, 200, 200, 200, 200, 200];
/** What may not be seen does not exist. */
const MEMBERS: Statuses = [404, 404, 200, 200, 200, 200];
const ADMIN: Statuses = [401, 403, 403, 403, 403, 201];

interface Row {
  readonly route: string;
  /** `{who}` is the name of the caller, so that nobody meets what another one left. */
  readonly path: string;
  readonly body?: object;
  /** In the order of WHO. */
  readonly statuses: Statuses;
}

const version = (path: string, statuses: Statuses): Row[] =>
  [
    '',
    '/files',
    '/files/requirements.txt',
    '/environment',
    '/hardware',
    '/packages',
    '/holds',
    '/resolution',
    '/links',
    '/pointers',
    '/coverage',
    '/environment-facts',
  ].map((part) => ({
    route: `GET /api/v1/versions/{version}${part.replace('requirements.txt', '{path}')}`,
    path: `versions/${path}${part}`,
    statuses,
  }));
const proof = (path: string, statuses: Statuses): Row[] =>
  ['recipe', 'recipe/Dockerfile', 'closures', 'closure/packages', 'receipts'].map((part) => ({
    route: `GET /api/v1/versions/{version}/${part}`,
    path: `versions/${path}/${part}`,
    statuses,
  }));
const IMAGE = 'GET /api/v1/repositories/{repository}/images/{reference}/image.tar';
const IMAGE_OF_VERSION = 'GET /api/v1/versions/{version}/image.tar';
const link = { article: '10.5555/{who}', output: 'Figure 1' };
const deposit = (repository: string): object => ({ repository, files: [{ path: 'a.txt', text: '{who}' }] });

const MACHINE = { reports: [{ path: 'cpuinfo', content: FILES.cpuinfo }] };

const TABLE: readonly Row[] = [
  { route: 'GET /api/v1', path: '/api/v1', statuses: ALL },
  { route: 'GET /api/v1/schemas/{name}', path: 'schemas/environment-manifest-v1.json', statuses: ALL },
  {
    // Nobody has read the image yet; who may see it once it is read: image-environments.e2e-spec.ts.
    route: 'GET /api/v1/versions/{version}/image-environment',
    path: 'versions/lab%2Fopen@v1/image-environment',
    statuses: [404, 404, 404, 404, 404, 404],
  },
  { route: 'GET /api/v1/whoami', path: 'whoami', statuses: ALL },
  { route: 'GET /healthz', path: '/healthz', statuses: ALL },
  { route: 'GET /readyz', path: '/readyz', statuses: ALL },
  { route: 'GET /metrics', path: '/metrics', statuses: ALL },
  { route: 'GET /api/v1/fixity', path: 'fixity', statuses: ALL },
  {
    route: 'GET /api/v1/preservation-events',
    path: 'preservation-events',
    statuses: [401, 403, 403, 403, 403, 200],
  },
  { route: 'GET /api/v1/openapi.json', path: 'openapi.json', statuses: ALL },

  { route: 'GET /api/v1/records', path: 'records', statuses: ALL },
  { route: 'GET /api/v1/records/{record}', path: 'records/lab%2Fopen', statuses: ALL },
  { route: 'GET /api/v1/records/{record}', path: 'records/lab%2Fsecret', statuses: MEMBERS },
  { route: 'GET /api/v1/records/{record}', path: 'records/lab%2Fdraft', statuses: MEMBERS },
  { route: 'GET /api/v1/records/{record}/versions', path: 'records/lab%2Fopen/versions', statuses: ALL },
  { route: 'GET /api/v1/records/{record}/versions', path: 'records/lab%2Fsecret/versions', statuses: MEMBERS },
  ...version('lab%2Fopen@v1', ALL),
  ...version('lab%2Fopen@v2', MEMBERS),
  ...version('lab%2Fsecret@v1', MEMBERS),
  ...version('lab%2Fsecret', MEMBERS),
  ...version('lab%2Fdraft@v1', MEMBERS),
  ...version('lab%2Fdraft', MEMBERS),

  { route: 'POST /api/v1/versions/{version}/fit', path: 'versions/lab%2Fopen@v1/fit', body: MACHINE, statuses: ALL },
  {
    route: 'POST /api/v1/versions/{version}/fit',
    path: 'versions/lab%2Fsecret@v1/fit',
    body: MACHINE,
    statuses: MEMBERS,
  },

  {
    route: 'GET /api/v1/versions/{version}/export/{format}',
    path: 'versions/lab%2Fopen@v1/export/spdx',
    statuses: ALL,
  },
  {
    route: 'GET /api/v1/versions/{version}/export/{format}',
    path: 'versions/lab%2Fsecret@v1/export/spdx',
    statuses: MEMBERS,
  },
  // Of what a reader may not see, these answers say nothing.
  { route: 'GET /api/v1/packages/{ecosystem}/{name}/uses', path: 'packages/pypi/numpy/uses?range=%3C2', statuses: ALL },
  { route: 'GET /api/v1/machines/uses', path: 'machines/uses?architecture=x86_64', statuses: ALL },
  { route: 'GET /api/v1/contents/{digest}/uses', path: `contents/sha256:${'0'.repeat(64)}/uses`, statuses: ALL },
  { route: 'GET /api/v1/diff', path: 'diff?from=lab%2Fopen@v1&to=lab%2Fopen@v1', statuses: ALL },
  { route: 'GET /api/v1/diff', path: 'diff?from=lab%2Fopen@v1&to=lab%2Fsecret@v1', statuses: MEMBERS },

  ...proof('lab%2Fopen@v1', ALL),
  ...proof('lab%2Fsecret@v1', MEMBERS),
  { route: 'GET /api/v1/receipts/{id}', path: 'receipts/{receipt of open}', statuses: ALL },
  { route: 'GET /api/v1/receipts/{id}', path: 'receipts/{receipt of secret}', statuses: MEMBERS },
  { route: 'GET /api/v1/receipts/{id}/envelope', path: 'receipts/{receipt of open}/envelope', statuses: ALL },
  { route: 'GET /api/v1/receipts/{id}/envelope', path: 'receipts/{receipt of secret}/envelope', statuses: MEMBERS },
  { route: 'GET /api/v1/keys', path: 'keys', statuses: ALL },
  { route: 'POST /api/v1/keys/rotate', path: 'keys/rotate', body: {}, statuses: ADMIN },

  { route: IMAGE, path: 'repositories/lab%2Fpictured/images/v1/image.tar', statuses: ALL },
  { route: IMAGE, path: 'repositories/lab%2Fhidden/images/v1/image.tar', statuses: MEMBERS },
  { route: IMAGE_OF_VERSION, path: 'versions/lab%2Fpictured@v1/image.tar', statuses: ALL },
  { route: IMAGE_OF_VERSION, path: 'versions/lab%2Fhidden@v1/image.tar', statuses: MEMBERS },

  { route: 'GET /api/v1/articles', path: 'articles', statuses: ALL },
  { route: 'GET /api/v1/articles/{path}', path: 'articles/10.5555/open', statuses: ALL },
  { route: 'GET /api/v1/articles/{path}', path: 'articles/10.5555/secret', statuses: MEMBERS },
  { route: 'GET /api/v1/what-ran', path: 'what-ran?doi=10.5555/secret', statuses: ALL },
  { route: 'GET /api/v1/resolve', path: 'resolve?version=lab/open@v1', statuses: ALL },
  { route: 'GET /api/v1/resolve', path: 'resolve?version=lab/secret@v1', statuses: MEMBERS },
  { route: 'GET /api/v1/resolve', path: 'resolve?doi=10.5555/secret', statuses: ALL },

  {
    route: 'POST /api/v1/deposits',
    path: 'deposits',
    body: deposit('lab/new-{who}'),
    statuses: [401, 404, 403, 201, 201, 201],
  },
  {
    route: 'POST /api/v1/deposits',
    path: 'deposits',
    body: deposit('lab/secret'),
    statuses: [401, 404, 403, 201, 201, 201],
  },
  {
    route: 'POST /api/v1/deposits',
    path: 'deposits',
    body: deposit('nowhere-{who}/x'),
    statuses: [401, 404, 404, 404, 404, 201],
  },
  {
    route: 'POST /api/v1/versions/{version}/publish',
    path: 'versions/lab%2Fopen@v1/publish',
    body: {},
    statuses: [401, 403, 403, 409, 409, 409],
  },
  {
    route: 'POST /api/v1/versions/{version}/publish',
    path: 'versions/lab%2Fsecret@v1/publish',
    body: {},
    statuses: [401, 404, 403, 409, 409, 409],
  },
  {
    route: 'POST /api/v1/versions/{version}/publish',
    path: 'versions/lab%2Fmine-{who}@v1/publish',
    body: {},
    statuses: [401, 404, 403, 200, 200, 200],
  },
  {
    route: 'POST /api/v1/versions/{version}/links',
    path: 'versions/lab%2Fopen@v1/links',
    body: link,
    statuses: [401, 403, 403, 201, 201, 201],
  },
  {
    route: 'POST /api/v1/versions/{version}/links',
    path: 'versions/lab%2Fsecret@v1/links',
    body: link,
    statuses: [401, 404, 403, 201, 201, 201],
  },

  {
    route: 'POST /api/v1/repositories/{repository}/ingests',
    path: 'repositories/lab%2Fopen/ingests',
    body: { source: 'registry.example.org/lab/eeg:v1' },
    statuses: [401, 404, 403, 202, 202, 202],
  },
  {
    route: 'GET /api/v1/repositories/{repository}/ingests',
    path: 'repositories/lab%2Fopen/ingests',
    statuses: [401, 404, 200, 200, 200, 200],
  },
  { route: 'GET /api/v1/ingests/{id}', path: 'ingests/{ingest}', statuses: [401, 404, 200, 200, 200, 200] },
  {
    route: 'POST /api/v1/ingests/{id}/cancel',
    path: 'ingests/{ingest}/cancel',
    statuses: [401, 404, 403, 200, 200, 200],
  },

  {
    route: 'POST /api/v1/versions/{version}/jobs',
    path: 'versions/lab%2Fopen@v1/jobs',
    body: { kind: 'rebuild' },
    statuses: [401, 403, 403, 202, 202, 202],
  },
  {
    route: 'POST /api/v1/versions/{version}/jobs',
    path: 'versions/lab%2Fsecret@v1/jobs',
    body: { kind: 'rebuild' },
    statuses: [401, 404, 403, 202, 202, 202],
  },
  {
    route: 'POST /api/v1/versions/{version}/jobs',
    path: 'versions/lab%2Fdraft@v1/jobs',
    body: { kind: 'rebuild' },
    statuses: [401, 404, 403, 409, 409, 409],
  },
  { route: 'GET /api/v1/versions/{version}/jobs', path: 'versions/lab%2Fopen@v1/jobs', statuses: ALL },
  { route: 'GET /api/v1/versions/{version}/jobs', path: 'versions/lab%2Fsecret@v1/jobs', statuses: MEMBERS },
  { route: 'GET /api/v1/records/{record}/jobs', path: 'records/lab%2Fopen/jobs', statuses: ALL },
  { route: 'GET /api/v1/records/{record}/jobs', path: 'records/lab%2Fsecret/jobs', statuses: MEMBERS },
  { route: 'GET /api/v1/jobs/{id}', path: 'jobs/{public job}', statuses: ALL },
  { route: 'GET /api/v1/jobs/{id}', path: 'jobs/{secret job}', statuses: MEMBERS },
  { route: 'GET /api/v1/jobs/{id}/log', path: 'jobs/{public job}/log', statuses: [401, 403, 200, 200, 200, 200] },
  { route: 'GET /api/v1/jobs/{id}/log', path: 'jobs/{secret job}/log', statuses: [401, 404, 200, 200, 200, 200] },
  {
    route: 'POST /api/v1/jobs/{id}/cancel',
    path: 'jobs/{public job}/cancel',
    statuses: [401, 403, 403, 200, 200, 200],
  },
  {
    route: 'POST /api/v1/jobs/{id}/cancel',
    path: 'jobs/{secret job}/cancel',
    statuses: [401, 404, 403, 200, 200, 200],
  },
  // They have been cancelled by now, or the events would go on.
  { route: 'GET /api/v1/jobs/{id}/events', path: 'jobs/{public job}/events', statuses: ALL },
  { route: 'GET /api/v1/jobs/{id}/events', path: 'jobs/{secret job}/events', statuses: MEMBERS },

  { route: 'POST /api/v1/accounts', path: 'accounts', body: { name: 'new-{who}' }, statuses: ADMIN },
  { route: 'POST /api/v1/namespaces', path: 'namespaces', body: { name: 'new-{who}' }, statuses: ADMIN },
  {
    route: 'PUT /api/v1/namespaces/{name}/members/{account}',
    path: 'namespaces/lab/members/zoe',
    body: { role: 'reader' },
    statuses: [401, 404, 403, 403, 204, 204],
  },
  { route: 'GET /api/v1/tokens', path: 'tokens', statuses: [401, 200, 200, 200, 200, 200] },
  { route: 'POST /api/v1/tokens', path: 'tokens', body: { name: 'own' }, statuses: [401, 201, 201, 201, 201, 201] },
  { route: 'POST /api/v1/tokens', path: 'tokens', body: { name: 'for zoe', account: 'zoe' }, statuses: ADMIN },
  { route: 'DELETE /api/v1/tokens/{id}', path: 'tokens/{token of zoe}', statuses: [401, 404, 404, 404, 404, 204] },
];

/** Anonymous, an account elsewhere, the three roles of a namespace, and the administrator, on every route. */
describe('e2e/rest-permissions', () => {
  let server: TestServer;
  let callers: Record<Who, RestClient>;
  let tokenOfZoe: string;
  let ingestId: string;
  const receipts = new Map<string, string>();
  let publicJob: string;
  let secretJob: string;

  beforeAll(async () => {
    server = await startTestServer();
    callers = {
      anonymous: server.anonymous,
      stranger: await server.account('stranger', { other: 'owner' }),
      reader: await server.account('reader', { lab: 'reader' }),
      depositor: await server.account('depositor', { lab: 'depositor' }),
      owner: await server.account('owner', { lab: 'owner' }),
      admin: server.admin,
    };
    const zoe = await server.account('zoe');
    const { items } = (await zoe.get('tokens').expect(200)).body as { items: { id: string }[] };
    tokenOfZoe = items[0]!.id;

    const { owner } = callers;
    const source = 'registry.example.org/lab/eeg:v1';
    const ingest = await owner.post('repositories/lab%2Fingested/ingests', { source }).expect(202);
    ingestId = (ingest.body as { id: string }).id;

    await owner.publish('lab/open', FILES);
    await owner.deposit('lab/open', { ...FILES, 'notes.txt': 'more' }).expect(201);
    await owner.publish('lab/secret', FILES, { visibility: 'private', title: 'Secret' });
    await owner.deposit('lab/draft', FILES).expect(201);
    await owner.deposit('lab/hidden', FILES, { visibility: 'private' }).expect(201);
    for (const repository of ['lab/pictured', 'lab/hidden']) {
      const { digest } = await pushImage(owner, repository, 'v1');
      await owner.publish(repository, FILES, { image: digest });
    }
    for (const who of WHO) await owner.deposit(`lab/mine-${who}`, FILES).expect(201);
    const jobOn = async (version: string): Promise<string> => {
      const { body } = await owner.post(`versions/${version}/jobs`, { kind: 'rehearse' }).expect(202);
      return (body as { id: string }).id;
    };
    publicJob = await jobOn('lab%2Fopen@v1');
    secretJob = await jobOn('lab%2Fsecret@v1');
    for (const name of ['open', 'secret']) {
      await owner
        .post(`versions/lab%2F${name}@v1/links`, { article: `10.5555/${name}`, articleTitle: name, output: 'Figure 1' })
        .expect(201);
      receipts.set(`{receipt of ${name}}`, await prove(`lab/${name}@v1`));
    }
  });

  /** @returns identifier of a receipt */
  async function prove(reference: string): Promise<string> {
    const resolver = await server.resolver();
    const operator = { kind: 'account', accountId: 0n, name: 'operator', isAdmin: true } as const;
    const version = await resolver.get(RecordsService, { strict: false }).requireVersion(operator, reference);
    const { rebuild } = await archiveSampleProvenance(resolver, {
      ...version,
      recordDigest: version.recordDigest ?? '',
    });
    return rebuild.id;
  }

  afterAll(async () => {
    await server.stop();
  });

  it.each(TABLE)('$route: $path', async ({ route, path, body, statuses }) => {
    const method = METHODS[route.split(' ')[0] ?? ''];
    const answers: [Who, number | undefined][] = [];
    for (const who of WHO) {
      const fill = (text: string): string =>
        text
          .replaceAll('{who}', who)
          .replace('{token of zoe}', tokenOfZoe)
          .replace('{ingest}', ingestId)
          .replace(/\{receipt of \w+\}/, (name) => receipts.get(name) ?? name)
          .replace('{public job}', publicJob)
          .replace('{secret job}', secretJob);
      const filled = body === undefined ? undefined : (JSON.parse(fill(JSON.stringify(body))) as object);
      const answer = await (method && callers[who].call(method, fill(path), filled));
      answers.push([who, answer?.status]);
    }

    expect(answers).toEqual(WHO.map((who, i) => [who, statuses[i]]));
  });

  it('has every documented route in the table', async () => {
    const { body } = await server.anonymous.get('openapi.json').expect(200);
    const documented = Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const tested = new Set(TABLE.map(({ route }) => route));

    expect(documented.filter((route) => !tested.has(route))).toEqual([]);
  });

  it.each(['anonymous', 'stranger'] as const)('shows nothing of what is private in the lists of a %s', async (who) => {
    const [records, articles, whatRan, open] = await Promise.all([
      callers[who].get('records?namespace=lab').expect(200),
      callers[who].get('articles').expect(200),
      callers[who].get('what-ran?doi=10.5555/secret').expect(200),
      callers[who].get('records/lab%2Fopen/versions').expect(200),
    ]);

    expect(JSON.stringify([records.body, articles.body, whatRan.body])).not.toMatch(/secret|draft/i);
    expect(open.body.items.map((item: { number: number }) => item.number)).toEqual([1]);
  });

  it('gives the same answer for what is hidden and for what is not there', async () => {
    const problems = await Promise.all(
      ['versions/lab%2Fsecret@v1', 'versions/lab%2Fnothing@v1'].map((path) => problemOf(callers.stranger.get(path))),
    );

    const [hidden, missing] = problems.map(({ code, detail, errors }) => ({
      code,
      detail,
      keys: Object.keys(errors ?? {}),
    }));
    expect(hidden).toEqual(missing);
  });

  it('names the scheme to log in with', async () => {
    const { headers } = await callers.anonymous.get('tokens').expect(401);

    expect(headers['www-authenticate']).toBe('Bearer realm="envarium"');
  });

  it('says who the caller is and what it may do', async () => {
    const bodies = await Promise.all(WHO.map(async (who) => (await callers[who].get('whoami').expect(200)).body));

    expect(bodies.slice(0, 4)).toEqual([
      { account: null, isAdmin: false, memberships: [] },
      { account: 'stranger', isAdmin: false, memberships: [{ namespace: 'other', role: 'owner' }] },
      { account: 'reader', isAdmin: false, memberships: [{ namespace: 'lab', role: 'reader' }] },
      { account: 'depositor', isAdmin: false, memberships: [{ namespace: 'lab', role: 'depositor' }] },
    ]);
    expect(bodies[5]).toMatchObject({ account: 'admin', isAdmin: true });
  });

  it('takes a role away with the next request', async () => {
    const account = await server.account('changing', { lab: 'depositor' });
    await account.deposit('lab/changing', FILES).expect(201);

    await callers.owner.put('namespaces/lab/members/changing', { role: 'reader' }).expect(204);

    await account.deposit('lab/changing', { 'a.txt': 'x' }).expect(403);
  });
});
