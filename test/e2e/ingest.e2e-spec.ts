import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { IngestRunner } from '@envarium/ingest';
import type { Ingest } from '@envarium/schema';
import {
  type DockerRegistry,
  type FakeManifest,
  FakeRegistry,
  hasDockerRegistry,
  startDockerRegistry,
} from '@envarium/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { pushAll } from './ingest-sample.js';
import { startRegistry, type TestRegistry } from './oci-harness.js';
import { OciClient } from './oci-client.js';
import type { RestClient } from './rest-client.js';
import { startTestServer, type TestServer } from './server-harness.js';

const run = promisify(execFile);
const hasSkopeo = await run('skopeo', ['--version']).then(
  () => true,
  () => false,
);

/** An image of two platforms, and three artifacts that refer to it: by subject, and a signature by its tag. */
function addSample(fake: FakeRegistry, tag: string) {
  const layers = [randomBytes(300_000), randomBytes(200_000)];
  const children = layers.map((layer) => fake.addImage(layer));
  const index = fake.addIndex(children, tag);
  const subject = { mediaType: index.mediaType, digest: index.digest, size: index.bytes.length };
  const attested = fake.addImage(Buffer.from(`attestation of ${tag}`), [], {
    artifactType: 'application/vnd.x',
    subject,
  });
  const descriptor = { mediaType: attested.mediaType, digest: attested.digest, size: attested.bytes.length };
  fake.referrers?.set(index.digest, [{ ...descriptor, artifactType: 'application/vnd.x' }]);
  const signatureTag = `${index.digest.replace(':', '-')}.sig`;
  const signature = fake.addImage(Buffer.from(`signature of ${tag}`), [signatureTag]);
  return { index, children, attested, descriptor, signature, signatureTag, layers };
}

describe('e2e/ingest', () => {
  let fake: FakeRegistry;
  let server: TestServer;
  let lab: RestClient;
  let oci: OciClient;

  beforeAll(async () => {
    fake = await FakeRegistry.start();
    server = await startTestServer({ ENVARIUM_OUTBOUND_ALLOW: '127.0.0.1' });
    lab = await server.account('ana', { lab: 'depositor' });
    oci = new OciClient(new URL(server.url).host, null).as({ name: 'ana', secret: lab.token ?? '' });
  });
  afterEach(() => fake.behave());
  afterAll(async () => {
    await server.stop();
    await fake.stop();
  });

  const request = async (name: string, body: object, client = lab): Promise<Ingest> =>
    (await client.post(`repositories/${encodeURIComponent(name)}/ingests`, body).expect(202)).body as Ingest;
  const drain = async (): Promise<void> => {
    await (await server.resolver()).get(IngestRunner, { strict: false }).drain();
  };
  const find = async (id: string): Promise<Ingest> => (await lab.get(`ingests/${id}`).expect(200)).body as Ingest;
  const ingest = async (name: string, body: object): Promise<Ingest> => {
    const { id } = await request(name, body);
    await drain();
    return await find(id);
  };
  const manifest = async (name: string, reference: string): Promise<{ status: number; body: string }> => {
    const { status, body } = await oci.send('GET', `/v2/${name}/manifests/${reference}`);
    return { status, body: body.toString() };
  };
  const sameAs = ({ bytes }: FakeManifest) => ({ status: 200, body: bytes.toString() });

  describe('a copy', () => {
    it('brings all platforms, referrers and signatures, byte for byte, and remembers the mirror', async () => {
      const sample = addSample(fake, 'v1');
      const created = await lab
        .post('repositories/lab%2Feeg/ingests', { source: `docker://${fake.host}/a/eeg:v1` })
        .expect(202);
      const { id } = created.body as Ingest;
      expect(created.headers['location']).toBe(`/api/v1/ingests/${id}`);
      expect(created.body).toMatchObject({ state: 'queued', source: `${fake.host}/a/eeg:v1`, tag: 'v1', digest: null });

      await drain();

      const { index, children, attested, signature, signatureTag } = sample;
      const bytes = 500_000 + 'attestation of v1'.length + 'signature of v1'.length;
      const configs = [...fake.blobs.values()].filter((blob) => blob.toString().startsWith('{"architecture"'));
      const total = bytes + configs.reduce((sum, config) => sum + config.length, 0);
      expect(await find(id)).toMatchObject({
        state: 'done',
        digest: index.digest,
        problem: null,
        attempts: 1,
        progress: {
          manifests: { done: 5, total: 5 },
          blobs: { done: 8, total: 8 },
          bytes: { done: total, total },
          missing: [],
        },
      });
      for (const each of [index, ...children, attested, signature]) {
        expect(await manifest('lab/eeg', each.digest)).toEqual(sameAs(each));
      }
      expect(await manifest('lab/eeg', 'v1')).toEqual(sameAs(index));
      expect(await manifest('lab/eeg', signatureTag)).toEqual(sameAs(signature));
      const listed = await oci.send('GET', `/v2/lab/eeg/referrers/${index.digest}`);
      expect(listed.json).toMatchObject({ manifests: [{ digest: attested.digest }] });
      expect(await server.sql('SELECT digest, reference, recorded_by FROM mirror')).toEqual([
        { digest: index.digest, reference: `${fake.host}/a/eeg`, recorded_by: 'ana' },
      ]);
    });

    it('fetches nothing again when it is asked for again, and remembers the mirror once', async () => {
      fake.behave();

      const again = await ingest('lab/eeg', { source: `${fake.host}/a/eeg:v1`, tag: 'copy' });

      expect(again).toMatchObject({ state: 'done', tag: 'copy' });
      expect(fake.asked.filter((line) => line.includes('/blobs/'))).toEqual([]);
      expect(await server.sql('SELECT FROM mirror')).toHaveLength(1);
      expect(await server.sql(`SELECT FROM event WHERE kind = 'mirror-recorded'`)).toHaveLength(1);
    });

    it('takes a digest without a tag', async () => {
      const image = fake.addImage(randomBytes(100));

      const done = await ingest('lab/by-digest', { source: `${fake.host}/a/eeg@${image.digest}` });

      expect(done).toMatchObject({ state: 'done', tag: null, digest: image.digest });
      expect(await manifest('lab/by-digest', image.digest)).toEqual(sameAs(image));
      expect((await oci.send('GET', '/v2/lab/by-digest/tags/list')).json).toMatchObject({ tags: [] });
    });

    it('passes over what is listed as a referrer and is not there', async () => {
      const { index } = addSample(fake, 'dangling');
      const gone = { mediaType: index.mediaType, digest: `sha256:${'9'.repeat(64)}`, size: 2 };
      fake.referrers?.set(index.digest, [gone]);

      const done = await ingest('lab/dangling', { source: `${fake.host}/a/eeg:dangling` });

      expect(done).toMatchObject({ state: 'done', progress: { missing: [gone.digest] } });
    });

    it('fetches what only others may read here, although the bytes are here', async () => {
      const secret = randomBytes(5000);
      const image = fake.addImage(secret, ['secret']);
      const other = await server.account('bob', { other: 'owner' });
      await request('other/secret', { source: `${fake.host}/a/eeg:secret` }, other);
      await drain();
      const layer = (JSON.parse(image.bytes.toString()) as { layers: { digest: string }[] }).layers[0]!.digest;
      fake.blobs.delete(layer);

      const stolen = await ingest('lab/stolen', { source: `${fake.host}/a/eeg:secret` });

      expect(stolen).toMatchObject({ state: 'failed', problem: { code: 'UPSTREAM_UNKNOWN' } });
      expect((await oci.send('GET', `/v2/lab/stolen/blobs/${layer}`)).status).toBe(404);
    });
  });

  describe('real registries', () => {
    let directory: string;
    let docker: DockerRegistry | null = null;
    let second: TestRegistry;
    beforeAll(async () => {
      directory = await mkdtemp(path.join(tmpdir(), 'envarium-ingest-'));
      second = await startRegistry();
      if (hasDockerRegistry()) docker = await startDockerRegistry();
    });
    afterAll(async () => {
      await docker?.stop();
      await second.stop();
      await rm(directory, { recursive: true, force: true });
    });

    const pullBack = async (repository: string, digest: string): Promise<void> => {
      if (!hasSkopeo) return;
      const host = new URL(server.url).host;
      const from = `docker://${host}/${repository}@${digest}`;
      const credentials = ['--src-creds', `ana:${lab.token}`, '--src-tls-verify=false'];
      await run(
        'skopeo',
        [
          'copy',
          '--all',
          '--preserve-digests',
          ...credentials,
          from,
          `oci:${path.join(directory, digest.slice(7, 20))}`,
        ],
        {
          env: { PATH: process.env['PATH'], HOME: directory },
        },
      );
    };

    it('copies from docker-registry, which knows referrers by their tag only', async ({ skip }) => {
      if (docker === null) return skip('docker-registry is not installed; apt-get install docker-registry');
      const sample = addSample(fake, 'docker');
      await pushAll(fake, {
        host: docker.host,
        authorization: null,
        repository: 'x/y',
        ...sample,
        tag: 'v1',
        isFallback: true,
      });

      const done = await ingest('lab/docker', { source: `docker://${docker.host}/x/y:v1` });

      expect(done).toMatchObject({ state: 'done', digest: sample.index.digest, progress: { manifests: { total: 5 } } });
      const listed = await oci.send('GET', `/v2/lab/docker/referrers/${sample.index.digest}`);
      expect(listed.json).toMatchObject({ manifests: [{ digest: sample.attested.digest }] });
      expect(await manifest('lab/docker', sample.signatureTag)).toEqual(sameAs(sample.signature));
      await pullBack('lab/docker', sample.index.digest);
    });

    it('copies from a second Envarium, with name and password, and forgets them', async () => {
      const sample = addSample(fake, 'second');
      const { credentials } = await second.account('carla', 'depositor', 'x');
      const password = credentials?.secret ?? '';
      const authorization = `Basic ${Buffer.from(`carla:${password}`).toString('base64')}`;
      await pushAll(fake, {
        host: second.host,
        authorization,
        repository: 'x/y',
        ...sample,
        tag: 'v1',
        isFallback: false,
      });
      const source = `docker://${second.host}/x/y:v1`;

      const denied = await ingest('lab/second', { source });
      const { id } = await request('lab/second', { source, credentials: { username: 'carla', password } });
      const [kept] = await server.sql<{ credentials: Buffer }>('SELECT credentials FROM ingest WHERE id = $1', [id]);
      await drain();

      expect(denied).toMatchObject({ state: 'failed', problem: { code: 'UPSTREAM_DENIED' } });
      expect(await find(id)).toMatchObject({
        state: 'done',
        digest: sample.index.digest,
        progress: { manifests: { total: 5 } },
      });
      expect(kept?.credentials.length).toBeGreaterThan(50);
      expect(kept?.credentials.includes(Buffer.from(password))).toBe(false);
      expect(await server.sql('SELECT credentials FROM ingest WHERE id = $1', [id])).toEqual([{ credentials: null }]);
      expect(JSON.stringify(await server.sql('SELECT * FROM ingest'))).not.toContain(password);
      await pullBack('lab/second', sample.index.digest);
    });
  });

  describe('a hostile registry', () => {
    /** Nothing of a failed copy may be found by anybody who looks for images. */
    const expectNothing = async (name: string, digest: string): Promise<void> => {
      expect((await manifest(name, 'v1')).status).toBe(404);
      expect((await manifest(name, digest)).status).toBe(404);
      expect((await oci.send('GET', `/v2/${name}/tags/list`)).json).toMatchObject({ tags: [] });
      expect(
        await server.sql(
          'SELECT FROM repository_manifest m JOIN repository r ON r.id = m.repository_id WHERE r.name = $1',
          [name],
        ),
      ).toEqual([]);
    };

    it.each<[string, string, string, (sample: ReturnType<typeof addSample>) => void]>([
      [
        'sends other bytes than the digest says',
        'other-bytes',
        'DIGEST_INVALID',
        ({ children }) => {
          const layer = (JSON.parse(children[1]!.bytes.toString()) as { layers: { digest: string }[] }).layers[0]!
            .digest;
          fake.blobs.set(layer, randomBytes(200_000));
        },
      ],
      [
        'lacks a platform',
        'no-platform',
        'UPSTREAM_UNKNOWN',
        ({ children }) => fake.manifests.delete(children[1]!.digest),
      ],
      [
        'sends HTML for an image manifest',
        'html',
        'UPSTREAM_INVALID',
        ({ children }) => {
          fake.fault = (asked, response) => {
            if (!asked.url?.endsWith(children[0]!.digest)) return false;
            response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>');
            return true;
          };
        },
      ],
      [
        'leads a blob to an address inside',
        'inside',
        'OUTBOUND_REFUSED',
        () => {
          fake.fault = (asked, response) => {
            if (!asked.url?.includes('/blobs/')) return false;
            response.writeHead(307, { Location: 'http://169.254.169.254/latest/meta-data/' }).end();
            return true;
          };
        },
      ],
      [
        'names a realm inside',
        'realm',
        'OUTBOUND_REFUSED',
        () => {
          fake.token = { realm: 'http://10.0.0.1/token', isGood: () => false };
        },
      ],
    ])('that %s makes the job fail, and shows nothing', async (_title, name, code, misbehave) => {
      const sample = addSample(fake, name);
      misbehave(sample);

      const failed = await ingest(`lab/${name}`, { source: `${fake.host}/a/eeg:${name}`, tag: 'v1' });

      expect(failed).toMatchObject({ state: 'failed', problem: { code, title: expect.any(String) } });
      expect(failed.finishedAt).not.toBeNull();
      await expectNothing(`lab/${name}`, sample.index.digest);
    });
  });

  describe('a job', () => {
    const busy = (part: string): void => {
      fake.fault = (asked, response) => {
        if (!asked.url?.includes(part)) return false;
        response.writeHead(503, { 'Retry-After': 600 }).end();
        return true;
      };
    };

    it('that was under way is tried again when the other registry is away', async () => {
      const { digest } = fake.addImage(randomBytes(100), ['away']);
      busy('/blobs/');

      const waiting = await ingest('lab/away', { source: `${fake.host}/a/eeg:away` });
      await drain();
      const early = await find(waiting.id);
      fake.behave();
      // A minute passes.
      await server.sql(`UPDATE ingest SET lease_until = now() - interval '1 second' WHERE id = $1`, [waiting.id]);
      await drain();

      expect(waiting).toMatchObject({
        state: 'queued',
        problem: { code: 'UPSTREAM_UNAVAILABLE', detail: { status: 503, retryAfter: 600 } },
      });
      expect(early).toMatchObject({ state: 'queued', attempts: 1 });
      expect(await find(waiting.id)).toMatchObject({ state: 'done', attempts: 2, digest, problem: null });
    });

    it('that never began fails at once when the other registry is away', async () => {
      busy('/manifests/');

      const failed = await ingest('lab/absent', { source: `${fake.host}/a/eeg:away` });

      expect(failed).toMatchObject({ state: 'failed', attempts: 1, problem: { code: 'UPSTREAM_UNAVAILABLE' } });
    });

    it('for the tag of a published version fails before anything is fetched', async () => {
      const { digest } = fake.addImage(randomBytes(100), ['frozen']);
      await lab.publish('lab/frozen', { 'requirements.txt': 'numpy==1.26.4\n' });

      const failed = await ingest('lab/frozen', { source: `${fake.host}/a/eeg:frozen`, tag: 'v1' });

      expect(failed).toMatchObject({ state: 'failed', digest, problem: { code: 'TAG_IMMUTABLE' } });
      expect(fake.asked.filter((line) => line.includes('/blobs/'))).toEqual([]);
    });

    it('is given up when it was begun too often', async () => {
      const { id } = await request('lab/often', { source: `${fake.host}/a/eeg:away` });
      await server.sql('UPDATE ingest SET attempts = 20 WHERE id = $1', [id]);

      await drain();

      expect(await find(id)).toMatchObject({ state: 'failed', problem: { code: 'INGEST_ABANDONED' } });
      expect(fake.asked).toEqual([]);
    });

    it.each([
      ['is disabled', `UPDATE account SET disabled_at = now() WHERE name = $1`],
      ['has lost its role', `DELETE FROM namespace_member m USING account a WHERE a.id = m.account_id AND a.name = $1`],
    ])('of an account that %s does nothing any more', async (title, statement) => {
      const name = `eve-${title.length}`;
      const eve = await server.account(name, { lab: 'depositor' });
      const { id } = await request('lab/rights', { source: `${fake.host}/a/eeg:away` }, eve);
      await server.sql(statement, [name]);

      await drain();

      expect(await find(id)).toMatchObject({ state: 'failed', problem: { code: 'DENIED' } });
      expect(fake.asked).toEqual([]);
    });

    it('is taken by one of two workers', async () => {
      fake.addImage(randomBytes(100), ['shared']);
      const ids = [];
      for (let i = 0; i < 6; i++) ids.push((await request('lab/shared', { source: `${fake.host}/a/eeg:shared` })).id);

      await Promise.all([drain(), drain(), drain()]);

      for (const id of ids) expect(await find(id)).toMatchObject({ state: 'done', attempts: 1 });
    });
  });
});
