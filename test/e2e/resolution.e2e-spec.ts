import type { Resolution, ResolveAnswer } from '@envarium/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemOf, type RestClient } from './rest-client.js';
import {
  MIRROR,
  recordPointer,
  recordRebuild,
  recordReceipt,
  type RecordedRebuild,
  WHEEL_URL,
} from './resolution-sample.js';
import { type PushedImage, pushImage, startTestServer, type TestServer } from './server-harness.js';

const DOI = '10.5555/routes.1';

/** One source after another is cut: the steps build on each other. */
describe('e2e/resolution', () => {
  let server: TestServer;
  let author: RestClient;
  let image: PushedImage;
  let rebuild: RecordedRebuild;
  let versionId: string;

  beforeAll(async () => {
    server = await startTestServer();
    author = await server.account('ada', { lab: 'owner', hidden: 'owner' });
    image = await pushImage(author, 'lab/eeg', 'work');
    await author.publish('lab/eeg', { 'requirements.txt': 'numpy==1.26.4\n' }, { title: 'EEG', image: 'work' });
    for (const output of ['Figure 3', 'Table 1']) {
      await author.post('versions/lab%2Feeg@v1/links', { article: DOI, output, command: 'python fig3.py' }).expect(201);
    }
    await author.deposit('hidden/eeg', { 'a.txt': 'a' }, { visibility: 'private' }).expect(201);
    await pushImage(author, 'hidden/eeg', 'work');
    await author.publish('hidden/eeg', { 'a.txt': 'a' }, { image: 'work' });
    await author.post('versions/hidden%2Feeg@v1/links', { article: DOI, output: 'Figure 3' }).expect(201);
    const [row] = await server.sql<{ id: string; repository_id: string }>(
      `SELECT v.id, r.repository_id FROM record_version v JOIN archive_record r ON r.id = v.record_id
       JOIN repository n ON n.id = r.repository_id WHERE n.name = 'lab/eeg'`,
    );
    versionId = row!.id;
    rebuild = await recordRebuild(server, author, { versionId, image });
    await server.sql(
      `INSERT INTO mirror (repository_id, digest, reference, recorded_at, recorded_by) VALUES ($1, $2, $3, '2026-02-01', 'ada')`,
      [row!.repository_id, image.digest, MIRROR],
    );
  });

  afterAll(async () => {
    await server.stop();
  });

  const receipt = async (id: string, outcome: string, isProof: boolean, at: string): Promise<void> => {
    await recordReceipt(server, { versionId, closureDigest: rebuild.closureDigest, id, outcome, isProof, at });
  };

  const resolve = async (query = ''): Promise<Resolution> =>
    (await server.anonymous.get(`versions/lab%2Feeg@v1/resolution${query}`).expect(200)).body as Resolution;

  const ask = async (query: string, client = server.anonymous): Promise<ResolveAnswer> =>
    (await client.get(`resolve?${encodeURI(query)}`).expect(200)).body as ResolveAnswer;

  const found = ({ routes }: Resolution): string[][] => routes.map(({ kind, grade }) => [kind, grade]);
  const tried = ({ attempts }: Resolution): string[][] => attempts.map(({ source, outcome }) => [source, outcome]);
  const setState = async (digest: string, state: string): Promise<void> => {
    await server.sql('UPDATE blob SET state = $2::blob_state WHERE digest = $1', [digest, state]);
  };

  it('calls a rebuild unproven until a receipt proves it', async () => {
    const rebuilt = async () => (await resolve()).routes.find(({ kind }) => kind === 'rebuild');

    const before = await rebuilt();
    await receipt('r0', 'identical', false, '2026-01-03');
    const after = await rebuilt();

    expect(before).toMatchObject({ grade: 'unproven', provenAt: null, receipts: [] });
    expect(before?.explanation).toContain('; not rebuilt yet, so how exact it comes out is unproven');
    expect(after).toMatchObject({ grade: 'unproven', provenAt: null, receipts: [{ id: 'r0' }] });
    expect(after?.explanation).toContain('; rebuilt before, but not under conditions that prove anything');
  });

  it('finds every route, best first, each with its evidence', async () => {
    await receipt('r1', 'identical', true, '2026-01-03');
    await receipt('r2', 'same-files', true, '2026-01-04');
    await receipt('r3', 'identical', false, '2026-01-05');

    const resolution = await resolve();

    expect(found(resolution)).toEqual([
      ['pull', 'identical'],
      ['mirror', 'identical'],
      ['rebuild', 'same-files'],
      ['re-resolve', 'partial'],
    ]);
    expect(resolution).toMatchObject({ grade: 'identical', attempts: [] });
    const [, mirror, rebuilt, anew] = resolution.routes;
    expect(mirror).toMatchObject({
      provenAt: '2026-02-01T00:00:00.000Z',
      holders: [{ reference: `${MIRROR}@${image.digest}`, state: 'unchecked', recordedAt: '2026-02-01T00:00:00.000Z' }],
    });
    expect(rebuilt).toMatchObject({
      provenAt: '2026-01-04T00:00:00.000Z',
      fixity: { blobCount: 12, damaged: [] },
      receipts: [
        { id: 'r3', outcome: 'identical', isProof: false },
        { id: 'r2', outcome: 'same-files', isProof: true },
        { id: 'r1', outcome: 'identical', isProof: true },
        { id: 'r0', outcome: 'identical', isProof: false },
      ],
      explanation:
        'from the closure recorded on 2026-01-02 (2 exchanges, 20 bytes), with the network off; ' +
        'rebuilt on 2026-01-04, and what came out was same-files',
      commands: [{ client: 'envarium', text: 'envarium rebuild lab/eeg@v1' }],
    });
    expect(anew).toMatchObject({ isApproximate: true, provenAt: null });
    expect(anew?.explanation).toBe(
      'made anew from the recipe of 2026-01-01, which leaves open: scipy has no version, with whatever the sources ' +
        'give on that day: an approximation, never the archived environment',
    );
    expect(anew?.commands).toEqual([
      { client: 'envarium', text: 'envarium files lab/eeg@v1 --output lab-eeg-v1' },
      { client: 'pip', text: 'pip install -r lab-eeg-v1/requirements.txt' },
    ]);
  });

  it('gives what to paste for each client, by digest', async () => {
    const [pull, mirror] = (await resolve()).routes;

    const clients = ['docker', 'podman', 'apptainer', 'skopeo', 'kubernetes'];
    expect(pull?.commands.map(({ client }) => client)).toEqual([...clients, 'envarium']);
    expect(mirror?.commands.map(({ client }) => client)).toEqual(clients);
    expect(mirror?.commands[0]?.text).toBe(`docker pull ${MIRROR}@${image.digest}`);
    for (const { text } of [...(pull?.commands ?? []), ...(mirror?.commands ?? [])])
      expect(text).toContain(image.digest);
  });

  it('answers by output, by article, by image and by version alike', async () => {
    const byOutput = await ask(`doi=https://doi.org/${DOI}&output=Fig. 3&architecture=x86_64`);

    expect(byOutput).toMatchObject({ isComplete: true });
    expect(byOutput.items).toMatchObject([
      {
        version: { repository: 'lab/eeg', number: 1 },
        claims: [{ doi: DOI, output: 'Figure 3', status: 'proposed', assertedBy: 'ada', assertedRole: 'author' }],
        resolution: { grade: 'identical', fit: { willItStart: { verdict: 'yes' } } },
      },
    ]);
    const [whole] = (await ask(`doi=${DOI}`)).items;

    expect(whole?.claims.map(({ output }) => output)).toEqual(['Table 1', 'Figure 3']);
    const expected = [{ version: byOutput.items[0]?.version, claims: [], resolution: await resolve() }];
    expect((await ask(`image=${image.digest}`)).items).toEqual(expected);
    expect((await ask('version=lab/eeg')).items).toEqual(expected);
  });

  it('shows private records to their members only', async () => {
    const mine = await ask(`image=${image.digest}`, author);

    expect(mine.items.map(({ version }) => version.repository)).toEqual(['hidden/eeg', 'lab/eeg']);
    expect((await ask(`doi=${DOI}&output=Figure 3`, author)).items).toHaveLength(2);
    await server.anonymous.get('resolve?version=hidden/eeg').expect(404);
  });

  it.each([
    ['an output that nobody linked', `doi=${DOI}&output=Figure 9`],
    ['an image that is not here', `image=sha256:${'0'.repeat(64)}`],
    ['a file that nobody made', `file=sha256:${'0'.repeat(64)}`],
  ])('answers with nothing for %s', async (_, query) => {
    expect(await ask(query)).toEqual({ items: [], isComplete: true });
  });

  it.each([
    ['nothing at all', '', 'REQUEST_INVALID'],
    ['two questions at once', `version=lab/eeg&image=sha256:${'0'.repeat(64)}`, 'REQUEST_INVALID'],
    ['an output of no article', 'version=lab/eeg&output=Figure 3', 'REQUEST_INVALID'],
    ['half a digest', 'image=sha256:00', 'REQUEST_INVALID'],
    ['what is no DOI', 'doi=hello', 'DOI_INVALID'],
    ['what is no label', `doi=${DOI}&output=***`, 'OUTPUT_LABEL_INVALID'],
  ])('refuses %s', async (_, query, code) => {
    expect((await problemOf(server.anonymous.get(`resolve?${encodeURI(query)}`))).code).toBe(code);
  });

  it('answers in GraphQL', async () => {
    const { body } = await server.anonymous
      .post('/graphql', {
        query: `query($doi: String) { resolve(doi: $doi, output: "Figure 3") { isComplete items {
          version { repository } claims { assertedRole }
          resolution { grade routes { kind grade isApproximate receipts { id } commands { client } holders { state } } }
        } } }`,
        variables: { doi: DOI },
      })
      .expect(200);

    expect(body.errors).toBeUndefined();
    expect(body.data.resolve.items[0]).toMatchObject({
      version: { repository: 'lab/eeg' },
      claims: [{ assertedRole: 'AUTHOR' }],
      resolution: {
        grade: 'IDENTICAL',
        routes: [
          { kind: 'PULL', grade: 'IDENTICAL', isApproximate: false },
          { kind: 'MIRROR', holders: [{ state: 'UNCHECKED' }] },
          { kind: 'REBUILD', grade: 'SAME_FILES', receipts: [{ id: 'r3' }, { id: 'r2' }, { id: 'r1' }, { id: 'r0' }] },
          { kind: 'RE_RESOLVE', isApproximate: true, commands: [{ client: 'envarium' }, { client: 'pip' }] },
        ],
      },
    });
  });

  it('falls back on a mirror when bytes of the image are damaged', async () => {
    await recordPointer(server, {
      versionId,
      kind: 'image',
      reference: `${MIRROR}@${image.digest}`,
      digest: image.digest,
      state: 'ok',
    });
    await setState(image.digests[2]!, 'missing');

    const resolution = await resolve();

    expect(found(resolution).slice(0, 2)).toEqual([
      ['mirror', 'identical'],
      ['rebuild', 'same-files'],
    ]);
    expect(resolution.attempts).toEqual([
      { source: 'pull', outcome: 'damaged', reason: `1 of 3 blobs are damaged or missing: ${image.digests[2]}` },
    ]);
    expect(resolution.summary).toBe(
      'identical by mirror: registry.example.org/lab/eeg holds an image of the same digest, last seen there on ' +
        '2026-03-01; every byte is verified on its way in, then kept',
    );
  });

  it('does not tell people to pull what is damaged', async () => {
    const html = await (
      await fetch(`${server.url}/what-ran?${new URLSearchParams({ doi: DOI, output: 'Figure 3' })}`)
    ).text();

    expect(html).toContain('The image cannot be pulled at the moment');
    expect(html).toContain('<strong>mirror</strong> <span class="tag good">identical</span>');
    expect(html).not.toContain('docker pull');
  });

  it('falls back on a rebuild when the mirror is gone, with the grade of its newest proof', async () => {
    const reference = `${MIRROR}@${image.digest}`;
    const dead = { state: 'dead', detail: '404 Not Found' };
    await recordPointer(server, { versionId, kind: 'image', reference, digest: image.digest, ...dead });

    const resolution = await resolve();

    expect(resolution.grade).toBe('same-files');
    expect(found(resolution)).toEqual([
      ['rebuild', 'same-files'],
      ['re-resolve', 'partial'],
    ]);
    expect(resolution.attempts[1]).toEqual({
      source: 'mirror',
      outcome: 'mirror-gone',
      reason: 'registry.example.org/lab/eeg did not give it any more on 2026-03-01 (404 Not Found)',
    });
  });

  it('names what a closure lacks, and from where it can be had', async () => {
    await setState(rebuild.wheel, 'suspect');

    const resolution = await resolve();

    expect(resolution.grade).toBe('unproven');
    expect(found(resolution)).toEqual([
      ['assisted-rebuild', 'unproven'],
      ['re-resolve', 'partial'],
    ]);
    expect(resolution.attempts[2]).toEqual({
      source: 'rebuild',
      outcome: 'closure-incomplete',
      reason: `1 of 12 blobs are damaged or missing here: ${WHEEL_URL}`,
    });
    expect(resolution.routes[0]).toMatchObject({
      holders: [{ reference: WHEEL_URL, digest: rebuild.wheel, size: 20, state: 'unchecked' }],
      explanation:
        'from the closure recorded on 2026-01-02 (2 exchanges, 20 bytes); what is missing (one blob, 20 bytes) is fetched by ' +
        'known digest from pypi.example.org, not all of which were checked since; unproven until it is done, and the gap ' +
        'is then archived',
    });
  });

  it('offers no assistance by an address that gives other bytes', async () => {
    const changed = { state: 'changed', detail: 'sha256:0000' };
    await recordPointer(server, {
      versionId,
      kind: 'package',
      reference: WHEEL_URL,
      digest: rebuild.wheel,
      ...changed,
    });

    const resolution = await resolve();

    expect(found(resolution)).toEqual([['re-resolve', 'partial']]);
    expect(resolution.attempts[3]).toEqual({
      source: 'assisted-rebuild',
      outcome: 'closure-incomplete',
      reason: `1 of the missing blobs cannot be had again: ${rebuild.wheel}, ${WHEEL_URL} gives other bytes (sha256:0000)`,
    });
  });

  it('counts the images that a recipe starts from', async () => {
    await setState(rebuild.wheel, 'ok');
    await setState(rebuild.base.digests[2]!, 'missing');

    const resolution = await resolve();

    expect(tried(resolution)).toContainEqual(['rebuild', 'closure-incomplete']);
    expect(resolution.attempts[3]?.reason).toContain(`${rebuild.base.digests[2]}, no address is known`);
  });

  it('says unobtainable, and what was tried, when nothing is left', async () => {
    const files = await server.anonymous.get('versions/lab%2Feeg@v1/files').expect(200);
    const [{ digest: requirements }] = files.body.items;
    await setState(rebuild.dockerfile, 'missing');
    expect((await resolve()).routes[0]?.explanation).toMatch(/^made anew from requirements.txt, /);
    await setState(requirements, 'missing');
    await setState(image.digest, 'missing');

    const resolution = await resolve('?architecture=arm64');

    expect(resolution).toMatchObject({ grade: 'unobtainable', routes: [] });
    expect(tried(resolution)).toEqual([
      ['pull', 'damaged'],
      ['mirror', 'mirror-gone'],
      ['rebuild', 'closure-incomplete'],
      ['assisted-rebuild', 'closure-incomplete'],
      ['re-resolve', 'damaged'],
    ]);
    expect(resolution.summary).toMatch(/^no way to obtain it is left: pull: 2 of 3 blobs are damaged or missing: /);
    expect(resolution.summary).toContain('; re-resolve: recipe and package files are damaged or missing: sha256:');
  });
});
