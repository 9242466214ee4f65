import { JournalService } from '@envarium/journal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemOf, type RestClient, versionPath } from './rest-client.js';
import { pushImage, startTestServer, type TestServer } from './server-harness.js';

const REQUIREMENTS = { 'requirements.txt': 'numpy==1.26.4\n' };
const WITH_SECRET = {
  'requirements.txt': '--index-url https://ada:hunter2-Xk39@pypi.example.org/simple\nnumpy==1.26.4\n',
};
const LINK = { article: '10.5555/pub', output: 'Figure 1' };

describe('e2e/rest-publication', () => {
  let server: TestServer;
  let ada: RestClient;

  beforeAll(async () => {
    server = await startTestServer();
    ada = await server.account('ada', { lab: 'owner' });
  });

  afterAll(async () => {
    await server.stop();
  });

  const publish = (repository: string, number = 1, body: object = {}) =>
    ada.post(`${versionPath(repository, number)}/publish`, body);

  it('needs no body', async () => {
    await ada.deposit('lab/bodyless', REQUIREMENTS).expect(201);

    const { body } = await ada.post('versions/lab%2Fbodyless@v1/publish').expect(200);

    expect(body.state).toBe('published');
  });

  it('refuses to publish twice', async () => {
    await ada.publish('lab/twice', REQUIREMENTS);

    expect(await problemOf(publish('lab/twice'))).toMatchObject({
      status: 409,
      code: 'VERSION_PUBLISHED',
      detail: 'Deposit again: the correction becomes the next version.',
    });
  });

  it('lets exactly one of eight publications at once win', async () => {
    const image = await pushImage(ada, 'lab/race', 'work');
    await ada.deposit('lab/race', REQUIREMENTS, { image: 'work' }).expect(201);

    const answers = await Promise.all(Array.from({ length: 8 }, () => publish('lab/race')));

    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200, 409, 409, 409, 409, 409, 409, 409,
    ]);
    const events = await server.sql(
      `SELECT kind, count(*)::int AS n FROM event WHERE subject = 'lab/race@v1' GROUP BY kind ORDER BY kind`,
    );
    expect(events).toEqual([
      { kind: 'deposited', n: 1 },
      { kind: 'hold-placed', n: 1 },
      { kind: 'published', n: 1 },
    ]);
    const tags = await server.anonymous.get('/v2/lab/race/tags/list').expect(200);
    expect(tags.body.tags).toEqual(['v1', 'v1.record', 'work']);
    const tagged = await server.anonymous.get('/v2/lab/race/manifests/v1').expect(200);
    expect(tagged.headers['docker-content-digest']).toBe(image.digest);
  });

  it('never publishes what was not looked at: a deposit in between makes one of both fail or wait', async () => {
    await ada.deposit('lab/between', REQUIREMENTS).expect(201);

    const [published, deposited] = await Promise.all([
      publish('lab/between'),
      ada.deposit('lab/between', { 'a.txt': 'x' }),
    ]);

    expect([200, 422]).toContain(published.status);
    expect(deposited.status).toBe(201);
    const files = await ada.get(`${versionPath('lab/between', deposited.body.version.number)}/files`).expect(200);
    expect(files.body.items.map((file: { path: string }) => file.path)).toEqual(['a.txt']);
    if (published.status === 422) {
      expect(published.body).toMatchObject({ code: 'DEPOSIT_INVALID', errors: { reason: 'changed-while-publishing' } });
      return;
    }
    expect(deposited.body.version.number).toBe(2);
    const frozen = await ada.get(`${versionPath('lab/between', 1)}/files`).expect(200);
    expect(frozen.body.items.map((file: { path: string }) => file.path)).toEqual(['requirements.txt']);
  });

  it('makes the next version of a deposit that meets the end of a publication', async () => {
    await ada.deposit('lab/meeting', REQUIREMENTS).expect(201);
    // Both statements are one transaction: the publication is decided, and not yet to be seen.
    const publication = server.sql(
      `UPDATE record_version SET state = 'published', record_digest = 'sha256:' || repeat('b', 64), published_at = now(),
         published_by = 'ada' WHERE record_id = (
           SELECT a.id FROM archive_record a JOIN repository r ON r.id = a.repository_id WHERE r.name = 'lab/meeting');
       SELECT pg_sleep(1)`,
    );
    const asleep = `SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()`;
    await expect.poll(async () => await server.sql(asleep)).toHaveLength(1);

    const deposited = await ada.deposit('lab/meeting', { 'a.txt': 'x' });

    await publication;
    expect([deposited.status, deposited.body.version?.number]).toEqual([201, 2]);
  });

  it('refuses a version without image and files', async () => {
    await ada.deposit('lab/empty', {}).expect(201);

    expect(await problemOf(publish('lab/empty'))).toMatchObject({ status: 422, code: 'VERSION_INCOMPLETE' });
  });

  it('refuses secrets and names the files, and takes them when they are accepted', async () => {
    const deposited = await ada.deposit('lab/secrets', WITH_SECRET).expect(201);
    expect(deposited.body.packageFiles).toMatchObject([{ path: 'requirements.txt', secretCount: 1 }]);

    const problem = await problemOf(publish('lab/secrets'));
    expect(problem).toMatchObject({ status: 422, code: 'SECRET_FOUND', errors: { files: ['requirements.txt'] } });
    expect(JSON.stringify(problem)).not.toContain('hunter2');
    await publish('lab/secrets', 1, { acceptSecrets: false }).expect(422);

    await publish('lab/secrets', 1, { acceptSecrets: true }).expect(200);
    const environment = await server.anonymous.get('versions/lab%2Fsecrets@v1/environment').expect(200);
    expect(environment.text).not.toContain('hunter2');
  });

  it.each(['yes', 1, null])('refuses %j for acceptSecrets', async (acceptSecrets) => {
    expect(await problemOf(publish('lab/secrets', 1, { acceptSecrets }))).toMatchObject({
      status: 400,
      code: 'REQUEST_INVALID',
    });
  });

  it('never moves the tags of a published version', async () => {
    const first = await pushImage(ada, 'lab/tags', 'work', 'print(1)\n');
    await ada.publish('lab/tags', REQUIREMENTS, { image: first.digest });
    const other = await pushImage(ada, 'lab/tags', 'work', 'print(2)\n');
    const manifest = await ada.get(`/v2/lab/tags/manifests/${other.digest}`).buffer(true).parse(asText).expect(200);
    const push = (tag: string) => ada.pushManifest('lab/tags', tag, manifest.type, String(manifest.body));

    for (const tag of ['v1', 'v1.record', 'v2.record']) {
      const { status, body } = await push(tag);
      expect([status, body.errors[0].code], tag).toEqual([409, 'DENIED']);
    }

    const tagged = await ada.get('/v2/lab/tags/manifests/v1').expect(200);
    expect(tagged.headers['docker-content-digest']).toBe(first.digest);
    await push('v2').expect(201);
  });

  it('never gives the tag of a version that was published without an image to one', async () => {
    await ada.publish('lab/no-image', REQUIREMENTS);
    const image = await pushImage(ada, 'lab/no-image', 'work');
    const manifest = await ada.get(`/v2/lab/no-image/manifests/${image.digest}`).buffer(true).parse(asText).expect(200);

    const { status } = await ada.pushManifest('lab/no-image', 'v1', manifest.type, String(manifest.body));

    expect(status).toBe(409);
    await ada.get('/v2/lab/no-image/manifests/v1').expect(404);
  });

  it('takes a version back from nobody: deposit, link and publish leave it as it is', async () => {
    await ada.publish('lab/frozen', REQUIREMENTS, { title: 'Frozen' });
    const before = (await ada.get('versions/lab%2Ffrozen@v1').expect(200)).body;

    await ada.deposit('lab/frozen', { 'other.txt': 'x' }, { title: 'Changed' }).expect(201);
    await publish('lab/frozen').expect(409);
    await ada.post('versions/lab%2Ffrozen@v1/links', LINK).expect(201);

    expect((await ada.get('versions/lab%2Ffrozen@v1').expect(200)).body).toEqual(before);
  });

  it('leaves nothing to flush: every fact is in the journal of the store', async () => {
    const journal = (await server.resolver()).get(JournalService, { strict: false });

    expect(await server.sql('SELECT id FROM event WHERE stored_at IS NULL')).toEqual([]);
    expect(await journal.flush()).toBe(0);
  });

  describe('links', () => {
    beforeAll(async () => {
      await ada.publish('lab/linked', REQUIREMENTS);
    });

    const link = (body: object) => ada.post('versions/lab%2Flinked@v1/links', body);

    it('are refused on a draft', async () => {
      await ada.deposit('lab/draft', REQUIREMENTS).expect(201);

      expect(await problemOf(ada.post('versions/lab%2Fdraft@v1/links', LINK))).toMatchObject({
        status: 409,
        code: 'VERSION_NOT_PUBLISHED',
        errors: { state: 'draft' },
      });
      await ada.post('versions/lab%2Fdraft/links', LINK).expect(409);
    });

    it('are one when the same claim is made again, in another spelling too', async () => {
      const first = await link({ article: '10.5555/Same', output: 'Figure 3b', command: 'make' }).expect(201);

      const again = await link({
        article: 'https://doi.org/10.5555/SAME',
        output: 'fig. 3 (B)',
        command: 'make',
      }).expect(200);

      expect(again.body).toEqual(first.body);
      expect((await server.anonymous.get('what-ran?doi=10.5555/same').expect(200)).body.items).toHaveLength(1);
    });

    it('are one when the same claim is made eight times at once', async () => {
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => link({ article: '10.5555/at-once', output: 'Table 1' })),
      );

      expect(answers.filter(({ status }) => status !== 200 && status !== 201)).toEqual([]);
      expect(new Set(answers.map(({ body }) => body.run.id)).size).toBe(1);
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      expect((await server.anonymous.get('what-ran?doi=10.5555/at-once').expect(200)).body.items).toHaveLength(1);
    });

    it('are eight when eight claims about a new article come at once', async () => {
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          link({ article: '10.5555/eight', output: 'Figure 1', command: `make ${i}` }),
        ),
      );

      expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 201, 201, 201]);
      expect((await server.anonymous.get('what-ran?doi=10.5555/eight').expect(200)).body.items).toHaveLength(8);
      expect((await server.anonymous.get('articles/10.5555/eight').expect(200)).body.outputs).toHaveLength(1);
    });

    it('are two when the claims differ', async () => {
      await link({ article: '10.5555/two', output: 'Figure 1', command: 'make fig1' }).expect(201);
      await link({ article: '10.5555/two', output: 'Figure 1', command: 'make all' }).expect(201);

      const { body } = await server.anonymous.get('what-ran?doi=10.5555/two&output=Figure%201').expect(200);
      expect(body.items.map((item: { run: { command: string } }) => item.run.command)).toEqual([
        'make all',
        'make fig1',
      ]);
    });

    it('come page by page, each once, newest first', async () => {
      for (let i = 1; i <= 7; i++) await link({ article: '10.5555/pages', output: `Figure ${i}` }).expect(201);

      const items = await server.anonymous.pages<{ output: { label: string } }>('what-ran', {
        doi: '10.5555/pages',
        limit: '3',
      });

      const labels = items.map(({ output }) => output.label);
      expect(labels).toEqual([7, 6, 5, 4, 3, 2, 1].map((i) => `Figure ${i}`));
    });
  });
});

/** Image manifests are JSON to supertest; they must go back out byte for byte. */
function asText(response: NodeJS.EventEmitter, done: (error: Error | null, text: string) => void): void {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('end', () => done(null, Buffer.concat(chunks).toString()));
}
