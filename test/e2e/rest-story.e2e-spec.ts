import { FixityService } from '@envarium/registry';
import { canonicalJson } from '@envarium/schema';
import { digestOf } from '@envarium/oci';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RestClient } from './rest-client.js';
import { type PushedImage, pushImage, startTestServer, type TestServer } from './server-harness.js';

const REQUIREMENTS = 'numpy==1.26.4\nscipy==1.13.0\npandas>=2.0\n';
const CPUINFO =
  'processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: Intel(R) Xeon(R)\nflags\t\t: fpu sse2\n';
const FIGURE = `sha256:${'f3'.repeat(32)}`;
const RECIPE = 'plot: figure 3\n';

/** The steps build on each other: one story, told in order. */
describe('e2e/rest-story', () => {
  let server: TestServer;
  let author: RestClient;
  let reader: RestClient;
  let image: PushedImage;
  let recipeDigest: string;

  beforeAll(async () => {
    server = await startTestServer();
    author = await server.account('ada', { lab: 'owner' });
    reader = server.anonymous;
  });

  afterAll(async () => {
    await server.stop();
  });

  it('deposits inline files, a pushed blob and a pushed image as a draft', async () => {
    image = await pushImage(author, 'lab/eeg', 'work');
    recipeDigest = await author.pushBlob('lab/eeg', Buffer.from(RECIPE));

    const { body, status } = await author.post('deposits', {
      repository: 'lab/eeg',
      title: 'EEG analysis',
      image: 'work',
      files: [
        { path: 'requirements.txt', text: REQUIREMENTS },
        { path: 'hardware/cpuinfo', text: CPUINFO },
        { path: 'recipe.conf', digest: recipeDigest },
        { path: 'logo.bin', base64: 'AAEC' },
      ],
    });

    expect(status).toBe(201);
    expect(body).toMatchObject({
      isNew: true,
      version: {
        repository: 'lab/eeg',
        number: 1,
        state: 'draft',
        title: 'EEG analysis',
        imageDigest: image.digest,
        recordDigest: null,
        environment: { packageCount: 3, ecosystems: [{ ecosystem: 'pypi', packageCount: 3 }] },
        hardware: { cpuModel: 'Intel(R) Xeon(R)' },
        createdBy: 'ada',
        publishedAt: null,
      },
    });
    expect(body.version.recordId).toMatch(/^env-[0-9a-z]{4}-[0-9a-z]{4}$/);
    expect(body.packageFiles.map((file: { path: string; format: string | null }) => [file.path, file.format])).toEqual([
      ['hardware/cpuinfo', 'cpuinfo'],
      ['logo.bin', null],
      ['recipe.conf', null],
      ['requirements.txt', 'pip-requirements'],
    ]);
  });

  it('hides the draft from everybody else', async () => {
    await reader.get('versions/lab%2Feeg@v1').expect(404);
    await reader.get('records/lab%2Feeg').expect(404);
    expect((await reader.get('records').expect(200)).body).toEqual({ items: [], next: null });
  });

  it('replaces the draft, keeps its title and its image', async () => {
    const { body } = await author
      .deposit('lab/eeg', { 'requirements.txt': REQUIREMENTS, 'hardware/cpuinfo': CPUINFO })
      .expect(201);

    expect(body.version).toMatchObject({ number: 1, title: 'EEG analysis', imageDigest: image.digest });
    const files = await author.get('versions/lab%2Feeg@v1/files').expect(200);
    expect(files.body.items.map((file: { path: string }) => file.path)).toEqual([
      'hardware/cpuinfo',
      'requirements.txt',
    ]);
  });

  it('says that the same deposit again is not new', async () => {
    const { body } = await author
      .deposit('lab/eeg', { 'requirements.txt': REQUIREMENTS, 'hardware/cpuinfo': CPUINFO })
      .expect(200);

    expect(body).toMatchObject({ isNew: false, version: { number: 1, state: 'draft' } });
  });

  it('publishes: state, identity and hold', async () => {
    const { body } = await author.post('versions/lab%2Feeg@v1/publish', {}).expect(200);

    expect(body).toMatchObject({ number: 1, state: 'published', publishedBy: 'ada' });
    const artifact = await fetch(`${server.url}/v2/lab/eeg/manifests/${body.recordDigest}`);
    expect(digestOf(Buffer.from(await artifact.arrayBuffer()))).toBe(body.recordDigest);
    const holds = await reader.get('versions/lab%2Feeg@v1/holds').expect(200);
    expect(holds.body.items).toMatchObject([
      { reason: 'published: kept for as long as this archive exists', placedBy: 'ada', liftedAt: null },
    ]);
  });

  it('lets everybody read the record by name and by identifier', async () => {
    const { body } = await reader.get('records/lab%2Feeg').expect(200);

    expect(body).toMatchObject({
      repository: 'lab/eeg',
      title: 'EEG analysis',
      latestVersion: 1,
      visibility: 'public',
    });
    expect((await reader.get(`records/${body.id}`).expect(200)).body).toEqual(body);
    expect((await reader.get('records').expect(200)).body.items).toEqual([body]);
    expect((await reader.get(`versions/${body.id}`).expect(200)).body).toMatchObject({ number: 1 });
  });

  it('hands out the deposited bytes as an attachment', async () => {
    const { headers, body } = await reader.get('versions/lab%2Feeg@v1/files/requirements.txt').expect(200);

    expect(body).toEqual(Buffer.from(REQUIREMENTS));
    expect(headers).toMatchObject({
      'content-disposition': 'attachment',
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      etag: `"${digestOf(Buffer.from(REQUIREMENTS))}"`,
    });
  });

  it('gives the environment manifest as RFC 8785 bytes that equal its digest', async () => {
    const version = await reader.get('versions/lab%2Feeg@v1').expect(200);
    const { text, headers } = await reader.get('versions/lab%2Feeg@v1/environment').expect(200);

    expect(digestOf(Buffer.from(text))).toBe(version.body.environment.digest);
    expect(headers['etag']).toBe(`"${version.body.environment.digest}"`);
    expect(canonicalJson(JSON.parse(text)).toString()).toBe(text);
    const hardware = await reader.get('versions/lab%2Feeg@v1/hardware').expect(200);
    expect(digestOf(Buffer.from(hardware.text))).toBe(version.body.hardware.digest);
  });

  it('resolves to a pull that is identical, not yet read back', async () => {
    const { body } = await reader.get('versions/lab%2Feeg@v1/resolution').expect(200);

    const host = new URL(server.url).host;
    expect(body).toMatchObject({ version: 1, imageDigest: image.digest, grade: 'identical', fit: null });
    expect(body.routes).toMatchObject([
      {
        kind: 'pull',
        grade: 'identical',
        provenAt: null,
        fixity: { checkedAt: null, blobCount: 3, size: image.size, damaged: [] },
        pull: { reference: `${host}/lab/eeg@${image.digest}`, docker: `docker pull ${host}/lab/eeg@${image.digest}` },
      },
      { kind: 're-resolve', grade: 'partial', isApproximate: true },
    ]);
  });

  it('shows the date of the fixity check once every byte was read back', async () => {
    const before = Date.now();
    const fixity = (await server.resolver()).get(FixityService, { strict: false });
    const reports = await fixity.check({ bytes: Infinity, olderThan: new Date() });

    const { body } = await reader.get('versions/lab%2Feeg@v1/resolution').expect(200);

    expect(new Set(reports.map(({ outcome }) => outcome))).toEqual(new Set(['ok']));
    const [route] = body.routes;
    expect(Date.parse(route.provenAt)).toBeGreaterThanOrEqual(before);
    expect(route.fixity).toMatchObject({ checkedAt: route.provenAt, blobCount: 3, damaged: [] });
    expect(route.explanation).toContain(`verified on ${route.provenAt.slice(0, 10)}`);
  });

  it('says whether the environment fits a machine', async () => {
    const same = await reader.get('versions/lab%2Feeg@v1/resolution?architecture=x86_64').expect(200);
    const other = await reader.get('versions/lab%2Feeg@v1/resolution?architecture=arm64').expect(200);

    expect(same.body.fit.willItStart.verdict).toBe('yes');
    expect(other.body.fit.willItStart.verdict).not.toBe('yes');
  });

  it('links a figure of an article to the version', async () => {
    const { body } = await author
      .post('versions/lab%2Feeg@v1/links', {
        article: 'https://doi.org/10.5555/EEG.2026',
        articleTitle: 'Sleep and EEG',
        output: 'Fig. 3b',
        componentDoi: '10.5555/EEG.2026.g003',
        command: 'python fig3.py',
        files: [{ name: 'fig3.svg', digest: FIGURE, size: 10 }],
      })
      .expect(201);

    expect(body).toMatchObject({
      article: { doi: '10.5555/eeg.2026', title: 'Sleep and EEG' },
      output: { label: 'Figure 3b', asPrinted: 'Fig. 3b', kind: 'figure', number: '3', panel: 'b' },
      run: { command: 'python fig3.py', files: [{ name: 'fig3.svg', digest: FIGURE, size: 10 }] },
      status: 'proposed',
      assertedBy: 'ada',
      assertedRole: 'author',
      version: { repository: 'lab/eeg', number: 1 },
    });
    await reader.get(`/v2/lab/eeg/manifests/${body.run.artifactDigest}`).expect(200);
  });

  it.each([
    ['the DOI and the label in another spelling', 'doi=doi:10.5555/EEG.2026&output=Figure 3(b)'],
    ['the DOI as an address, the label in capitals', 'doi=HTTPS://DX.DOI.ORG/10.5555/eeg.2026&output=FIG 3B'],
    ['the DOI of the figure', 'doi=https://doi.org/10.5555/eeg.2026.G003'],
    ['the DOI of the article alone', 'doi=10.5555/eeg.2026'],
    ['the digest of the file', `file=${FIGURE}`],
  ])('answers what ran it, by %s', async (_, query) => {
    const { body } = await reader.get(`what-ran?${encodeURI(query)}`).expect(200);

    expect(body).toMatchObject({
      items: [{ output: { label: 'Figure 3b' }, version: { number: 1, imageDigest: image.digest } }],
      next: null,
    });
    expect(body.items[0].pull.reference).toBe(`${new URL(server.url).host}/lab/eeg@${image.digest}`);
  });

  it.each([
    ['another panel', 'doi=10.5555/eeg.2026&output=Figure 3c'],
    ['another article', 'doi=10.5555/other&output=Figure 3b'],
    ['another file', `file=sha256:${'0'.repeat(64)}`],
  ])('answers with nothing for %s', async (_, query) => {
    expect((await reader.get(`what-ran?${encodeURI(query)}`).expect(200)).body).toEqual({ items: [], next: null });
  });

  it('shows the article with its outputs', async () => {
    const { body } = await reader.get('articles/10.5555/EEG.2026').expect(200);

    expect(body.article).toEqual({
      doi: '10.5555/eeg.2026',
      url: 'https://doi.org/10.5555/eeg.2026',
      title: 'Sleep and EEG',
    });
    expect(body.outputs.map((output: { label: string }) => output.label)).toEqual(['Figure 3b']);
    expect((await reader.get('articles').expect(200)).body.items).toEqual([body.article]);
    expect((await reader.get('versions/lab%2Feeg@v1/links').expect(200)).body.items).toHaveLength(1);
  });

  it('makes the next deposit version 2 and leaves version 1 as it was', async () => {
    const before = (await reader.get('versions/lab%2Feeg@v1').expect(200)).body;

    const deposited = await author.deposit(
      'lab/eeg',
      { 'requirements.txt': 'numpy==2.0.0\n' },
      { title: 'EEG, revised' },
    );
    expect(deposited.body).toMatchObject({ version: { number: 2, state: 'draft', imageDigest: null } });
    expect((await reader.get('versions/lab%2Feeg').expect(200)).body.number).toBe(1);
    await reader.get('versions/lab%2Feeg@v2').expect(404);
    await author.post('versions/lab%2Feeg@v2/publish', {}).expect(200);

    const versions = await reader.get('records/lab%2Feeg/versions').expect(200);
    expect(versions.body.items.map((version: { number: number }) => version.number)).toEqual([2, 1]);
    expect(versions.body.items[1]).toEqual(before);
    expect((await reader.get('versions/lab%2Feeg').expect(200)).body).toMatchObject({
      number: 2,
      title: 'EEG, revised',
    });
  });

  it('says why a version without an image can only be made anew', async () => {
    const { body } = await reader.get('versions/lab%2Feeg@v2/resolution').expect(200);

    expect(body.grade).toBe('partial');
    expect(body.routes).toMatchObject([{ kind: 're-resolve', isApproximate: true }]);
    expect(body.attempts).toEqual([
      { source: 'pull', outcome: 'no-image', reason: 'no image was deposited with this version' },
      { source: 'mirror', outcome: 'no-image', reason: 'no image was deposited with this version' },
      { source: 'rebuild', outcome: 'no-closure', reason: 'nothing was recorded for a rebuild of this version' },
    ]);
  });
});
