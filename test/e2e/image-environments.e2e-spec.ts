import { ImageReadingService } from '@envarium/rebuild';
import type { EnvironmentCoverage, EnvironmentManifest, PackageHit } from '@envarium/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askGraphql } from './graphql-client.js';
import type { RestClient } from './rest-client.js';
import { pushImageOf, startTestServer, type TestServer } from './server-harness.js';

const STATUS = `Package: libopenblas0\nStatus: install ok installed\nArchitecture: amd64\nVersion: 0.3.21+ds-4\n`;
const FILES = {
  'etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n',
  'usr/local/include/python3.11/patchlevel.h': '#define PY_VERSION "3.11.4"\n',
  'usr/local/lib/python3.11/site-packages/numpy-1.26.4.dist-info/METADATA': 'Name: numpy\nVersion: 1.26.4\n\n',
  'var/lib/dpkg/status': STATUS,
};

describe('e2e/image environments', () => {
  let server: TestServer;
  let author: RestClient;

  beforeAll(async () => {
    server = await startTestServer();
    author = await server.account('ada', { lab: 'owner' });
  });

  afterAll(async () => {
    await server.stop();
  });

  const read = async (): Promise<number> =>
    await (await server.resolver()).get(ImageReadingService, { strict: false }).drain();
  const coverage = async (version: string): Promise<EnvironmentCoverage> =>
    (await server.anonymous.get(`versions/${version}/coverage`).expect(200)).body as EnvironmentCoverage;
  const packages = async (version: string): Promise<string[]> => {
    const items = await server.anonymous.pages<PackageHit>(`versions/${version}/packages`, { limit: '1' });
    return items.map((each) => `${each.ecosystem} ${each.name} ${each.version} ${each.scope} ${each.standing}`).sort();
  };

  it('answers for a record without any package file out of its image', async () => {
    const { digest } = await pushImageOf(author, 'lab/bare', 'work', FILES, [
      'OMP_NUM_THREADS=4',
      'API_KEY=s3cr3tvalue',
    ]);
    await author.publish('lab/bare', {}, { image: 'work' });
    const before = await coverage('lab%2Fbare@v1');

    const count = await read();

    expect(before).toMatchObject({ isComplete: false, sources: [{ kind: 'image', name: digest, state: 'pending' }] });
    expect(before.statement).toBe('What is not listed may still be in the environment: the image is not read yet.');
    expect(count).toBe(1);
    expect(await packages('lab%2Fbare@v1')).toEqual([
      'deb libopenblas0 0.3.21+ds-4 container observed',
      'pypi numpy 1.26.4 language observed',
    ]);
    expect(await coverage('lab%2Fbare@v1')).toMatchObject({
      isComplete: true,
      sources: [{ kind: 'image', state: 'read', packageCount: 2, message: null }],
      notUnderstood: [],
      notUnderstoodCount: 0,
    });
    expect(await read()).toBe(0);
  });

  it('keeps the environment of the image as an artifact whose subject is the image', async () => {
    const [source] = (await coverage('lab%2Fbare@v1')).sources;
    const referrers = await server.anonymous.get(`/v2/lab/bare/referrers/${source?.name}`).expect(200);
    const environment = await server.anonymous.get('versions/lab%2Fbare@v1/image-environment').expect(200);

    const types = (referrers.body as { manifests: { artifactType: string }[] }).manifests.map(
      (each) => each.artifactType,
    );
    expect(types).toContain('application/vnd.envarium.files.v1+json');
    const manifest = environment.body as EnvironmentManifest;
    expect(
      manifest.scopes.map(({ kind, path, within, runtimes, variables }) => [kind, path, within, runtimes, variables]),
    ).toEqual([
      ['container', undefined, undefined, [], [{ name: 'OMP_NUM_THREADS', value: '4', evidence: [] }]],
      [
        'language',
        '/usr/local',
        0,
        [
          {
            name: 'python',
            version: '3.11.4',
            specifier: null,
            evidence: [{ file: '/usr/local/include/python3.11/patchlevel.h', line: null }],
          },
        ],
        [],
      ],
    ]);
  });

  it('has one environment for images with the same packages, and says both what files and what the image have', async () => {
    await pushImageOf(author, 'lab/both', 'work', { ...FILES, 'analysis.py': 'print(3)\n' }, ['OMP_NUM_THREADS=4']);
    await author.publish('lab/both', { 'requirements.txt': 'numpy==1.26.4\nscipy==1.11.0\n' }, { image: 'work' });
    await read();

    const both = await coverage('lab%2Fboth@v1');
    const bare = await coverage('lab%2Fbare@v1');

    expect(both.sources.map(({ kind, state, packageCount }) => [kind, state, packageCount])).toEqual([
      ['package-file', 'read', 2],
      ['image', 'read', 2],
    ]);
    expect(both.sources[1]?.environmentDigest).toBe(bare.sources[0]?.environmentDigest);
    expect(await packages('lab%2Fboth@v1')).toEqual([
      'deb libopenblas0 0.3.21+ds-4 container observed',
      'pypi numpy 1.26.4 language locked',
      'pypi numpy 1.26.4 language observed',
      'pypi scipy 1.11.0 language locked',
    ]);
  });

  it('never shows what could not be read as absent', async () => {
    await pushImageOf(author, 'lab/old', 'work', { 'var/lib/rpm/Packages': 'a database of another time' });
    await author.publish('lab/old', {}, { image: 'work' });
    await author.publish('lab/files', { 'requirements.txt': 'numpy==1.26.4\n' });
    await read();

    expect(await coverage('lab%2Fold@v1')).toMatchObject({
      isComplete: false,
      sources: [{ state: 'partly-read' }],
      notUnderstood: [{ place: '/var/lib/rpm/Packages', line: null, reason: 'syntax-invalid' }],
      notUnderstoodCount: 1,
    });
    expect(await coverage('lab%2Ffiles@v1')).toMatchObject({
      isComplete: false,
      sources: [{ kind: 'package-file', state: 'read' }],
    });
    const page = await server.anonymous.get('/records/lab%2Fold').redirects(2);
    expect(page.text).toContain(
      'What is not listed may still be in the environment: 1 place that should name packages not understood',
    );
  });

  it('says it in GraphQL for many versions at once', async () => {
    const { data, errors } = await askGraphql(
      server.anonymous,
      '{ a: version(reference: "lab/bare@v1") { coverage { isComplete } packages { edges { node { name } } } } b: version(reference: "lab/old@v1") { coverage { isComplete notUnderstoodCount } packages { edges { node { name } } } } }',
    );

    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      a: { coverage: { isComplete: true }, packages: { edges: [{ node: {} }, { node: {} }] } },
      b: { coverage: { isComplete: false, notUnderstoodCount: 1 }, packages: { edges: [] } },
    });
  });

  it('reads every image of an index, and says which is for what', async () => {
    const pushed = [
      await pushImageOf(author, 'lab/multi', 'amd64', FILES),
      await pushImageOf(author, 'lab/multi', 'arm64', { 'var/lib/rpm/Packages': 'hash' }),
    ];
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const index = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: await Promise.all(
        pushed.map(async ({ digest }, i) => {
          const { headers } = await author.get(`/v2/lab/multi/manifests/${digest}`).set('Accept', mediaType);
          const platform = { os: 'linux', architecture: i === 0 ? 'amd64' : 'arm64' };
          return { mediaType, digest, size: Number(headers['content-length']), platform };
        }),
      ),
    };
    await author.pushManifest('lab/multi', 'work', index.mediaType, JSON.stringify(index)).expect(201);
    await author.publish('lab/multi', {}, { image: 'work' });
    await read();

    const { sources, isComplete } = await coverage('lab%2Fmulti@v1');
    const arm = await server.anonymous
      .get('versions/lab%2Fmulti@v1/image-environment?platform=linux%2Farm64')
      .expect(200);

    expect(sources.map(({ platform, state, packageCount }) => [platform, state, packageCount])).toEqual([
      ['linux/amd64', 'read', 2],
      ['linux/arm64', 'partly-read', 0],
    ]);
    expect(isComplete).toBe(false);
    expect((arm.body as EnvironmentManifest).notUnderstood).toHaveLength(1);
    await server.anonymous.get('versions/lab%2Fmulti@v1/image-environment?platform=linux%2Fs390x').expect(404);
  });

  it('shows nothing of a private image to whoever may not see the version', async () => {
    await author.deposit('lab/secret', { 'notes.md': 'later' }, { visibility: 'private' }).expect(201);
    await pushImageOf(author, 'lab/secret', 'work', { ...FILES, 'secret.py': 'print(4)\n' });
    await author.deposit('lab/secret', {}, { image: 'work' }).expect(201);
    await author.post('versions/lab%2Fsecret@v1/publish', {}).expect(200);
    await read();

    for (const part of ['coverage', 'image-environment', 'packages']) {
      await author.get(`versions/lab%2Fsecret@v1/${part}`).expect(200);
      await server.anonymous.get(`versions/lab%2Fsecret@v1/${part}`).expect(404);
    }
  });

  it('publishes the schema of its manifests', async () => {
    const answer = await server.anonymous.get('schemas/environment-manifest-v1.json').expect(200);

    expect(answer.headers['content-type']).toMatch(/^application\/schema\+json/);
    // Of a media type that is not application/json, the text is what arrived.
    const schema = JSON.parse(answer.text || (answer.body as Buffer).toString()) as Record<string, unknown>;
    expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
    await server.anonymous.get('schemas/other.json').expect(404);
  });

  it('says why an image cannot be read, and does not try for ever', async () => {
    const layer = await author.pushBlob('lab/broken', Buffer.from('this is no layer'));
    const config = Buffer.from(
      JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [layer] } }),
    );
    const manifest = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: await author.pushBlob('lab/broken', config),
        size: config.length,
      },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: layer, size: 16 }],
    };
    await author.pushManifest('lab/broken', 'work', manifest.mediaType, JSON.stringify(manifest)).expect(201);
    await author.publish('lab/broken', {}, { image: 'work' });

    await read();

    expect(await coverage('lab%2Fbroken@v1')).toMatchObject({
      isComplete: false,
      sources: [{ state: 'not-understood' }],
    });
    expect((await coverage('lab%2Fbroken@v1')).sources[0]?.message).toMatch(/^LAYER_INVALID/);
    expect(await server.sql(`SELECT 1 FROM event WHERE kind = 'image-not-read'`)).toHaveLength(1);
    await read();
    expect(await server.sql(`SELECT 1 FROM event WHERE kind = 'image-not-read'`)).toHaveLength(1);
  });
});
