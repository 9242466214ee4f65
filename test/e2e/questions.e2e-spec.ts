import { digestOf } from '@envarium/oci';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askGraphql } from './graphql-client.js';
import { problemOf, type RestClient } from './rest-client.js';
import { type PushedImage, pushImage, startTestServer, type TestServer } from './server-harness.js';

const CPUINFO =
  'processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: Intel(R) Xeon(R) Gold\nflags\t\t: fpu sse2\n';
const LOCK = 'numpy==1.21.6\nscipy==1.7.3\n';

interface Use {
  readonly version: { readonly repository: string; readonly number: number };
  readonly packages: readonly { readonly version: string | null; readonly evidence: unknown }[];
}

/** An image that begins with the layer of another one. */
async function pushOnTopOf(client: RestClient, repository: string, base: PushedImage): Promise<void> {
  const bytes = Buffer.from('second layer\n');
  const config = Buffer.from('{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}');
  const { body } = await client.get(`/v2/lab/old/manifests/${base.digest}`).expect(200);
  const { layers } = body as { layers: { mediaType: string; digest: string; size: number }[] };
  const [layer] = layers;
  if (layer === undefined) throw new Error('the base image has no layer');
  await client.call('post', `/v2/${repository}/blobs/uploads/?mount=${layer.digest}&from=lab/old`).expect(201);
  const second = { ...layer, digest: await client.pushBlob(repository, bytes), size: bytes.length };
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const configDescriptor = {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    digest: await client.pushBlob(repository, config),
    size: config.length,
  };
  const manifest = { schemaVersion: 2, mediaType, config: configDescriptor, layers: [layer, second] };
  await client.pushManifest(repository, 'work', mediaType, JSON.stringify(manifest)).expect(201);
}

describe('e2e/questions', () => {
  let server: TestServer;
  let author: RestClient;
  let reader: RestClient;
  let image: PushedImage;

  beforeAll(async () => {
    server = await startTestServer();
    author = await server.account('ada', { lab: 'owner', other: 'owner' });
    reader = server.anonymous;
    image = await pushImage(author, 'lab/old', 'work');
    const old = { 'requirements.txt': `# pinned\n${LOCK}`, 'hardware/cpuinfo': CPUINFO };
    await author.publish('lab/old', old, { title: 'Old study', image: 'work' });
    await author
      .post('versions/lab%2Fold@v1/links', { article: '10.5555/old', articleTitle: 'On old', output: 'Figure 3' })
      .expect(201);
    await author.publish('lab/new', { 'requirements.txt': 'numpy==1.26.4\n' }, { title: 'New study' });
    await author.publish('lab/asks', { 'requirements.txt': 'numpy>=1.20\n' }, { title: 'Asks only' });
    await author.publish('lab/same', { 'requirements.txt': `# pinned\n${LOCK}` }, { title: 'Same lock' });
    await author.publish('lab/hidden', { 'requirements.txt': 'numpy==1.19.0\n' }, { visibility: 'private' });
    await author.deposit('lab/draft', { 'requirements.txt': 'numpy==1.18.0\n' }).expect(201);
    // What no rule of Python can read, as an observed package list may have it.
    const [{ id } = { id: '' }] = await server.sql<{ id: string }>(
      `INSERT INTO package_version (package_id, version) SELECT id, '1.2-custom-build!' FROM package
       WHERE ecosystem = 'pypi' AND normalized_name = 'scipy' RETURNING id`,
    );
    await server.sql(
      `INSERT INTO environment_package (manifest_id, package_version_id, scope, standing)
       SELECT v.environment_manifest_id, $1, 'language', 'observed' FROM record_version v
       JOIN archive_record a ON a.id = v.record_id JOIN repository r ON r.id = a.repository_id WHERE r.name = 'lab/new'`,
      [id],
    );
  });

  afterAll(async () => {
    await server.stop();
  });

  const names = (uses: readonly Use[]): string[] =>
    uses.map(({ version }) => `${version.repository}@v${version.number}`).sort();

  it('finds the versions in a range, with evidence and with the outputs that came of them', async () => {
    const { body } = await reader.get('packages/pypi/NumPy/uses?range=%3C1.22').expect(200);

    expect(names(body.items)).toEqual(['lab/old@v1', 'lab/same@v1']);
    expect(body.items.find((use: Use) => use.version.repository === 'lab/old')).toMatchObject({
      packages: [
        {
          version: '1.21.6',
          build: '',
          specifier: null,
          scope: 'language',
          standing: 'locked',
          evidence: { file: 'requirements.txt', line: 2 },
        },
      ],
      outputs: [
        { article: { doi: '10.5555/old', title: 'On old' }, output: { label: 'Figure 3' }, status: 'proposed' },
      ],
    });
    expect(body.summary).toEqual({
      ecosystem: 'pypi',
      name: 'numpy',
      range: '<1.22',
      rules: 'PEP 440',
      uses: { count: 2, isAtLeast: false },
      undecidable: { count: 0, isAtLeast: false },
      unknown: { count: 1, isAtLeast: false },
    });
  });

  it('shows what is only asked for apart, with what was asked', async () => {
    const { body } = await reader.get('packages/pypi/numpy/uses?range=%3C1.22&answer=unknown').expect(200);

    expect(names(body.items)).toEqual(['lab/asks@v1']);
    expect(body.items[0].packages).toEqual([
      {
        version: null,
        build: '',
        specifier: '>=1.20',
        scope: 'language',
        standing: 'declared',
        evidence: { file: 'requirements.txt', line: 1 },
      },
    ]);
  });

  it('shows what the rules cannot read apart', async () => {
    const undecidable = await reader.get('packages/pypi/scipy/uses?range=%3E=1.7&answer=undecidable').expect(200);
    const inRange = await reader.get('packages/pypi/scipy/uses?range=%3E=1.7').expect(200);
    const any = await reader.get('packages/pypi/scipy/uses').expect(200);

    expect(names(undecidable.body.items)).toEqual(['lab/new@v1']);
    expect(names(inRange.body.items)).toEqual(['lab/old@v1', 'lab/same@v1']);
    expect(inRange.body.summary.undecidable).toEqual({ count: 1, isAtLeast: false });
    expect(names(any.body.items)).toEqual(['lab/new@v1', 'lab/old@v1', 'lab/same@v1']);
  });

  it('shows private records and drafts to members only', async () => {
    const { body } = await author.get('packages/pypi/numpy/uses?range=%3C1.20').expect(200);

    expect(names(body.items)).toEqual(['lab/draft@v1', 'lab/hidden@v1']);
    expect((await reader.get('packages/pypi/numpy/uses?range=%3C1.20').expect(200)).body).toMatchObject({
      items: [],
      next: null,
      summary: { uses: { count: 0 } },
    });
  });

  it('goes page by page through all, each once', async () => {
    const items = await author.pages<Use>('packages/pypi/numpy/uses', { limit: '1' });

    expect(names(items)).toEqual(['lab/draft@v1', 'lab/hidden@v1', 'lab/new@v1', 'lab/old@v1', 'lab/same@v1']);
  });

  it('passes over what the reader may not see without losing what comes after', async () => {
    const items = await reader.pages<Use>('packages/pypi/numpy/uses', { limit: '1' });

    expect(names(items)).toEqual(['lab/new@v1', 'lab/old@v1', 'lab/same@v1']);
  });

  it('answers for a package that nobody names as for one that nobody may see', async () => {
    const { body } = await reader.get('packages/npm/%40scope%2Fname/uses').expect(200);

    expect(body).toMatchObject({ items: [], next: null, summary: { name: '@scope/name', unknown: { count: 0 } } });
  });

  it('refuses a range of another ecosystem, and says how to write it', async () => {
    const problem = await problemOf(reader.get('packages/pypi/numpy/uses?range=%5E1.2'));

    expect(problem).toMatchObject({
      status: 400,
      code: 'RANGE_SYNTAX_INVALID',
      errors: { ecosystem: 'pypi', rules: 'PEP 440', example: '>=1.21,<2' },
    });
  });

  it.each([
    ['packages/pypi/numpy/uses?cursor=x', 'CURSOR_INVALID'],
    ['packages/pypi/numpy/uses?answer=all', 'REQUEST_INVALID'],
    ['packages/pypi/nu%00mpy/uses', 'REQUEST_INVALID'],
    ['packages/pypi/numpy/uses?range=%00', 'RANGE_SYNTAX_INVALID'],
    ['machines/uses', 'REQUEST_INVALID'],
    ['machines/uses?gpu=%00%00', 'REQUEST_INVALID'],
    ['contents/sha256:12/uses', 'DIGEST_INVALID'],
  ])('refuses %s', async (path, code) => {
    expect(await problemOf(reader.get(path))).toMatchObject({ status: 400, code });
  });

  it('finds what only the image of a version says, and no longer calls it unknown', async () => {
    const pushed = await pushImage(author, 'lab/imaged', 'work', 'print(4)\n');
    await author.publish('lab/imaged', { 'requirements.txt': 'polars>=0.1\n' }, { image: 'work' });
    const unknown = async (): Promise<number> =>
      (await reader.get('packages/pypi/polars/uses').expect(200)).body.summary.unknown.count;
    expect(await unknown()).toBe(1);

    await author.publish('lab/polars', { 'requirements.txt': 'polars==1.2.0\n' });
    await server.sql(
      `INSERT INTO file_list (image_digest, noise_policy, artifact_digest, document, created_at)
       SELECT $1, 'v1', 'sha256:list', jsonb_build_object('environment', jsonb_build_object('digest', e.digest)), now()
       FROM record_version v JOIN archive_record a ON a.id = v.record_id JOIN repository r ON r.id = a.repository_id
       JOIN environment_manifest e ON e.id = v.environment_manifest_id WHERE r.name = 'lab/polars'`,
      [pushed.digest],
    );

    expect(names((await reader.get('packages/pypi/polars/uses?range=%3E=1').expect(200)).body.items)).toEqual([
      'lab/imaged@v1',
      'lab/polars@v1',
    ]);
    expect(await unknown()).toBe(0);
    expect((await reader.get('packages/pypi/polars/uses?answer=unknown').expect(200)).body.items).toEqual([]);
  });

  it('finds what ran on a kind of machine', async () => {
    const byCpu = await reader.get('machines/uses?cpu=xeon').expect(200);

    expect(names(byCpu.body.items)).toEqual(['lab/old@v1']);
    expect(byCpu.body.items[0].outputs).toHaveLength(1);
    expect((await reader.get('machines/uses?cpu=xeon&gpu=A100').expect(200)).body.items).toEqual([]);
  });

  it('finds GPUs by part of the name, and drivers by how the version begins', async () => {
    await server.sql(
      `INSERT INTO hardware_fingerprint (digest, gpu_models, gpu_driver, document)
       VALUES ('sha256:gpu', ARRAY['Tesla T4', 'NVIDIA A100-SXM4-40GB'], '535.104.05',
               '{"cpu": {"microarchitecture": {"value": "zen3"}}}')`,
    );
    await author.deposit('lab/gpu', { 'requirements.txt': 'torch==2.1.0\n' }).expect(201);
    await server.sql(
      `UPDATE record_version v SET hardware_id = (SELECT id FROM hardware_fingerprint WHERE digest = 'sha256:gpu')
       FROM archive_record a, repository r WHERE a.id = v.record_id AND r.id = a.repository_id AND r.name = 'lab/gpu'`,
    );

    const found = async (query: string): Promise<string[]> =>
      names((await author.get(`machines/uses?${query}`).expect(200)).body.items);

    expect(await found('gpu=a100')).toEqual(['lab/gpu@v1']);
    expect(await found('gpu=a100&gpuDriver=535')).toEqual(['lab/gpu@v1']);
    expect(await found('gpuDriver=53')).toEqual([]);
    expect(await found('microarchitecture=zen3')).toEqual(['lab/gpu@v1']);
    expect((await author.get('machines/uses?gpu=T4').expect(200)).body.items[0].microarchitecture).toBe('zen3');
    expect((await reader.get('machines/uses?gpu=T4').expect(200)).body.items).toEqual([]);
  });

  it('finds what shares an image, a layer or a lock file', async () => {
    const shares = async (digest: string): Promise<unknown[]> =>
      (await reader.get(`contents/${digest}/uses`).expect(200)).body.items.map((use: Use & { shares: unknown[] }) => [
        use.version.repository,
        use.shares,
      ]);
    const [config = '', layer = ''] = image.digests.filter((digest) => digest !== image.digest);

    expect(await shares(image.digest)).toEqual([['lab/old', [{ part: 'image', path: null }]]]);
    expect([await shares(config), await shares(layer)]).toEqual(
      expect.arrayContaining([[['lab/old', [{ part: 'layer', path: null }]]]]),
    );
    expect(await shares(digestOf(Buffer.from(`# pinned\n${LOCK}`)))).toEqual([
      ['lab/same', [{ part: 'package-file', path: 'requirements.txt' }]],
      ['lab/old', [{ part: 'package-file', path: 'requirements.txt' }]],
    ]);
    expect(await shares(`sha256:${'0'.repeat(64)}`)).toEqual([]);
  });

  it('finds what builds on an image, by the name in a file and by the layers', async () => {
    const base = image.digest;
    await pushOnTopOf(author, 'lab/on-top', image);
    await author.publish('lab/on-top', { 'requirements.txt': 'click==8.1.7\n' }, { image: 'work' });
    await author.publish('lab/derived', { Dockerfile: `FROM registry.example.org/base@${base}\nRUN true\n` });

    const { body } = await reader.get(`contents/${base}/uses`).expect(200);

    expect(body.items.map((use: Use & { shares: unknown[] }) => [use.version.repository, use.shares])).toEqual([
      ['lab/derived', [{ part: 'base-image', path: null }]],
      ['lab/on-top', [{ part: 'base-layers', path: null }]],
      ['lab/old', [{ part: 'image', path: null }]],
    ]);
  });

  it('says what lies between two versions', async () => {
    const { body } = await reader.get('diff?from=lab/old@v1&to=lab/new@v1').expect(200);

    expect(body).toMatchObject({
      from: { name: 'lab/old@v1', hasHardware: true },
      to: { name: 'lab/new@v1', hasHardware: false },
      isSameImage: null,
      packages: [
        { name: 'numpy', change: 'newer', from: ['1.21.6'], to: ['1.26.4'] },
        { name: 'scipy', change: 'removed', from: ['1.7.3'], to: [] },
      ],
    });
    expect(body.summary).toContain('Only lab/old@v1 has an image.');
  });

  it.each([
    ['diff?from=lab/old@v1', 400, 'REQUEST_INVALID'],
    ['diff?from=lab/old@v1&to=lab/hidden@v1', 404, 'VERSION_UNKNOWN'],
    ['diff?from=lab/old@v1&to=../x', 404, 'RECORD_UNKNOWN'],
  ])('refuses %s', async (path, status, code) => {
    expect(await problemOf(reader.get(path))).toMatchObject({ status, code });
  });

  it('answers the same in GraphQL, and leads on from a version to its links', async () => {
    const { data, errors } = await askGraphql(
      reader,
      `{
        packageUses(ecosystem: "pypi", name: "numpy", range: "<1.22", first: 10) {
          edges { node {
            packages { version standing evidence { file line } }
            outputs { output { label } }
            version { repository links(first: 1) { edges { node { article { doi } } } } }
          } }
        }
        packageUseSummary(ecosystem: "pypi", name: "numpy", range: "<1.22") { uses { count } unknown { count isAtLeast } }
        machineUses(cpu: "xeon") { edges { node { version { repository } } } }
        contentUses(digest: "${image.digest}", first: 20) { edges { node { version { repository } shares { part } } } }
        diff(from: "lab/old@v1", to: "lab/new@v1") { isSameImage packages { name change } }
      }`,
    );

    expect(errors).toBeUndefined();
    const uses = data?.['packageUses'].edges.map(({ node }: { node: unknown }) => node);
    expect(uses).toHaveLength(2);
    expect(uses).toContainEqual({
      packages: [{ version: '1.21.6', standing: 'locked', evidence: { file: 'requirements.txt', line: 2 } }],
      outputs: [{ output: { label: 'Figure 3' } }],
      version: { repository: 'lab/old', links: { edges: [{ node: { article: { doi: '10.5555/old' } } }] } },
    });
    expect(data).toMatchObject({
      packageUseSummary: { uses: { count: 2 }, unknown: { count: 1, isAtLeast: false } },
      machineUses: { edges: [{ node: { version: { repository: 'lab/old' } } }] },
      diff: {
        isSameImage: null,
        packages: [
          { name: 'numpy', change: 'NEWER' },
          { name: 'scipy', change: 'REMOVED' },
        ],
      },
    });
    expect(data?.['contentUses'].edges).toContainEqual({
      node: { version: { repository: 'lab/old' }, shares: [{ part: 'IMAGE' }] },
    });
  });

  it('takes no question from GraphQL that asks for nothing', async () => {
    const { errors } = await askGraphql(reader, '{ machineUses(first: 5) { edges { cursor } } }');

    expect(errors?.[0]?.extensions.code).toBe('REQUEST_INVALID');
  });
});
