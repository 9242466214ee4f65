import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemOf, type RestClient } from './rest-client.js';
import { startTestServer, type TestServer } from './server-harness.js';

const deposit = (repository: string, text = 'numpy==1.26.4\n'): object => ({
  repository,
  files: [{ path: 'requirements.txt', text }],
});

interface PackageItem {
  readonly name: string;
  readonly scope: string;
}

describe('e2e/rest-deposits', () => {
  let server: TestServer;
  let ada: RestClient;
  let bob: RestClient;

  beforeAll(async () => {
    server = await startTestServer();
    ada = await server.account('ada', { lab: 'owner' });
    bob = await server.account('bob', { lab: 'depositor' });
  });

  afterAll(async () => {
    await server.stop();
  });

  const withKey = (client: RestClient, key: string, body: object) =>
    client.post('deposits').set('Idempotency-Key', key).send(body);

  describe('Idempotency-Key', () => {
    it('gives the first answer again, status and body', async () => {
      const first = await withKey(ada, 'same', deposit('lab/idem'));
      await ada.post('deposits', deposit('lab/idem', 'numpy==2.0.0\n')).expect(201);

      const again = await withKey(ada, 'same', deposit('lab/idem'));

      expect([first.status, again.status]).toEqual([201, 201]);
      expect(again.body).toEqual(first.body);
    });

    it('gives the first answer again after a restart', async () => {
      const first = await withKey(ada, 'restart', deposit('lab/restarted'));

      await server.restart();
      [ada, bob] = [ada, bob].map((client) => client.at(server.url)) as [RestClient, RestClient];

      expect((await withKey(ada, 'restart', deposit('lab/restarted'))).body).toEqual(first.body);
    });

    it('refuses another body under the same key', async () => {
      await withKey(ada, 'other', deposit('lab/other')).expect(201);

      expect(await problemOf(withKey(ada, 'other', deposit('lab/other', 'numpy==2.0.0\n')))).toMatchObject({
        status: 422,
        code: 'IDEMPOTENCY_CONFLICT',
        detail: 'Use a new key for a new request.',
      });
    });

    it('keeps the keys of accounts apart', async () => {
      await withKey(ada, 'shared', deposit('lab/of-ada')).expect(201);

      expect((await withKey(bob, 'shared', deposit('lab/of-bob')).expect(201)).body.version.repository).toBe(
        'lab/of-bob',
      );
    });

    it('does the work once when the same request comes eight times at once', async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => withKey(ada, 'race', deposit('lab/race'))));

      const statuses = answers.map(({ status }) => status);
      expect(statuses).toContain(201);
      expect(statuses.filter((status) => status !== 201 && status !== 409)).toEqual([]);
      for (const { status, body, headers } of answers) {
        if (status === 409) expect([body.code, headers['retry-after']]).toEqual(['IDEMPOTENCY_BUSY', '5']);
        else expect(body.isNew).toBe(true);
      }
      expect(await server.sql(`SELECT 1 FROM event WHERE kind = 'deposited' AND subject = 'lab/race@v1'`)).toHaveLength(
        1,
      );
    });

    it('frees the key when the request fails', async () => {
      const body = { repository: 'lab/freed', files: [{ path: '/absolute', text: 'x' }] };
      await withKey(ada, 'freed', body).expect(422);

      await withKey(ada, 'freed', deposit('lab/freed')).expect(201);
    });

    it('frees the key of a request that crashed two minutes ago, not before', async () => {
      const [{ id } = { id: 0 }] = await server.sql<{ id: number }>(`SELECT id FROM account WHERE name = 'ada'`);
      await withKey(ada, 'crashed', deposit('lab/crashed')).expect(201);
      const crash = `UPDATE idempotent_request SET status = NULL, response = NULL, created_at = now() - $2::interval WHERE key = 'crashed' AND account_id = $1`;

      await server.sql(crash, [id, '1 minute']);
      await withKey(ada, 'crashed', deposit('lab/crashed')).expect(409);
      await server.sql(crash, [id, '3 minutes']);
      await withKey(ada, 'crashed', deposit('lab/crashed')).expect(200);
    });

    it.each([
      ['an empty key', ''],
      ['a key of 256 characters', 'k'.repeat(256)],
    ])('refuses %s', async (_, key) => {
      expect(await problemOf(withKey(ada, key, deposit('lab/keys')))).toMatchObject({
        status: 400,
        code: 'REQUEST_INVALID',
      });
    });
  });

  describe('the same content', () => {
    it('has the same environment digest whatever the order of the files', async () => {
      const files = [
        { path: 'b/requirements.txt', text: 'numpy==1.26.4\nscipy==1.13.0\n' },
        { path: 'a/requirements.txt', text: 'pandas==2.2.2\nnumpy==1.26.4\n' },
        { path: 'environment.yml', text: 'dependencies:\n  - python=3.12\n  - numpy=1.26.4\n' },
      ];

      const one = await ada.post('deposits', { repository: 'lab/order-1', files }).expect(201);
      const other = await ada.post('deposits', { repository: 'lab/order-2', files: files.toReversed() }).expect(201);

      expect(one.body.version.environment.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(other.body.version.environment).toEqual(one.body.version.environment);
      expect(
        await server.sql('SELECT 1 FROM environment_manifest WHERE digest = $1', [one.body.version.environment.digest]),
      ).toHaveLength(1);
    });

    it('is kept once, inline or pushed', async () => {
      const text = 'click==8.1.7\n';
      const digest = await ada.pushBlob('lab/once', Buffer.from(text));

      const { body } = await ada
        .post('deposits', {
          repository: 'lab/once',
          files: [
            { path: 'a.txt', digest },
            { path: 'b.txt', text },
            { path: 'c.txt', base64: Buffer.from(text).toString('base64') },
          ],
        })
        .expect(201);

      expect(new Set(body.packageFiles.map((file: { digest: string }) => file.digest))).toEqual(new Set([digest]));
      expect(await server.sql('SELECT 1 FROM blob WHERE digest = $1', [digest])).toHaveLength(1);
    });
  });

  it('pages the packages of an environment so that each comes once, whatever the limit', async () => {
    const text = Array.from({ length: 57 }, (_, i) => `package-${i}==1.${i}\n`).join('');
    // The same package version in two scopes stands twice in the environment and never ends a page in between.
    const dockerfile = `FROM debian:12\nRUN pip install package-3==1.3 package-9==1.9\n`;
    await ada.deposit('lab/many', { 'requirements.txt': text, Dockerfile: dockerfile }).expect(201);

    const items = await ada.pages<PackageItem>('versions/lab%2Fmany@v1/packages', { limit: '10' });

    const whole = await ada.get('versions/lab%2Fmany@v1/packages?limit=1000').expect(200);
    expect(items).toEqual(whole.body.items);
    const names = items.map(({ name, scope }) => `${name} ${scope}`);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => name.endsWith(' language')).length).toBeGreaterThanOrEqual(57);
  });

  it('takes fifteen deposits of one record at once, more than there are connections', async () => {
    const answers = await Promise.all(
      Array.from({ length: 15 }, (_, i) => ada.post('deposits', deposit('lab/crowd', `numpy==1.${i}\n`))),
    );

    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 15 }, () => 201));
    const versions = await ada.get('records/lab%2Fcrowd/versions').expect(200);
    expect(versions.body.items).toMatchObject([{ number: 1, state: 'draft' }]);
  });

  it('takes fifteen first deposits of fifteen records at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 15 }, (_, i) => ada.post('deposits', deposit(`lab/crowd-${i}`))),
    );

    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 15 }, () => 201));
  });

  it('takes deposits at once that bring the same new files in other orders', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => {
        const files = Array.from({ length: 60 }, (__, j) => ({
          path: `${(j * (2 * i + 7)) % 61}-${j}.txt`,
          text: `shared ${j}`,
        }));
        return ada.post('deposits', { repository: `lab/shared-${i}`, files });
      }),
    );

    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 201, 201, 201]);
  });

  it('takes 2,000 files', async () => {
    const files = Array.from({ length: 2000 }, (_, i) => ({ path: `data/${i}.txt`, text: String(i % 5) }));

    const { body } = await ada.post('deposits', { repository: 'lab/files', files }).expect(201);

    expect(body.packageFiles).toHaveLength(2000);
  });
});
