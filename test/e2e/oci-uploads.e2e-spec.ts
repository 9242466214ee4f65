import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { digestOf } from '@envarium/oci';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, answerOf, type OciClient } from './oci-client.js';
import { startRegistry, type TestRegistry } from './oci-harness.js';

const REPOSITORY = 'lab/uploads';

let registry: TestRegistry;
let lab: OciClient;

beforeAll(async () => {
  registry = await startRegistry();
  lab = await registry.account('ana', 'depositor', 'lab');
});
afterAll(async () => {
  await registry.stop();
});

async function start(): Promise<string> {
  const answer = await lab.send('POST', `/v2/${REPOSITORY}/blobs/uploads/`);
  expect(answer.status).toBe(202);
  return String(answer.headers.location);
}

async function pulled(digest: string): Promise<Answer> {
  return await lab.send('GET', `/v2/${REPOSITORY}/blobs/${digest}`);
}

async function staged(): Promise<string[]> {
  return await readdir(path.join(registry.storeDirectory, 'staging'));
}

/** Waits until a request has the upload in its hands. */
async function untilLeased(location: string): Promise<void> {
  const id = location.slice(location.lastIndexOf('/') + 1);
  const lease = async (): Promise<Date | null> =>
    (await registry.prisma.upload.findUniqueOrThrow({ where: { id } })).leaseUntil;
  await expect.poll(lease).not.toBeNull();
}

/** Asks until the upload stands at `received` bytes, as the server learns of a lost connection a moment later. */
async function standsAt(location: string, received: number): Promise<Answer> {
  let answer = await lab.send('GET', location);
  const range = async (): Promise<string | undefined> => (answer = await lab.send('GET', location)).headers.range;
  await expect.poll(range).toBe(`0-${received - 1}`);
  return answer;
}

async function* pieces(bytes: Buffer, size = 10_000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('oci/uploads', () => {
  const bytes = randomBytes(300_000);
  const digest = digestOf(bytes);

  it('closes an upload whose last bytes are durable and not yet in its row, as a crash leaves it', async () => {
    const location = await start();
    await lab.send('PATCH', location, { body: bytes.subarray(0, 100_000) });
    const id = location.slice(location.lastIndexOf('/') + 1);
    const before = await registry.prisma.upload.findUniqueOrThrow({ where: { id } });
    await lab.send('PATCH', location, { body: bytes.subarray(100_000) });
    const { received, sha256 } = before;
    await registry.prisma.upload.update({ where: { id }, data: { received, sha256 } });

    const status = await lab.send('GET', location);
    const closed = await lab.send('PUT', `${location}?digest=${digest}`);

    expect([received, status.headers.range]).toEqual([100_000n, '0-299999']);
    expect([closed.status, closed.code]).toEqual([201, undefined]);
  });

  it('opens an upload at a relative place, with its id and an empty range', async () => {
    const answer = await lab.send('POST', `/v2/${REPOSITORY}/blobs/uploads/`, {
      headers: { 'content-type': 'application/json', 'content-length': '0' },
    });

    const id = String(answer.headers['docker-upload-uuid']);
    expect(answer.status).toBe(202);
    expect(answer.headers).toMatchObject({
      location: `/v2/${REPOSITORY}/blobs/uploads/${id}`,
      range: '0-0',
      'content-length': '0',
    });
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('takes a stream of unknown length and an empty PUT, as Docker sends them', async () => {
    const content = randomBytes(200_000);
    const location = await start();
    const patch = await lab.send('PATCH', location, { body: pieces(content) });
    expect([patch.status, patch.headers.range, patch.headers.location]).toEqual([202, '0-199999', location]);

    const put = await lab.send('PUT', `${location}?digest=${encodeURIComponent(digestOf(content))}`, {
      body: Buffer.alloc(0),
    });

    expect(put.status).toBe(201);
    expect(put.headers).toMatchObject({
      location: `/v2/${REPOSITORY}/blobs/${digestOf(content)}`,
      'docker-content-digest': digestOf(content),
      'content-length': '0',
    });
    expect((await pulled(digestOf(content))).body.equals(content)).toBe(true);
  });

  it('takes all bytes in the PUT, as oras sends them, with any Content-Type', async () => {
    for (const type of ['application/octet-stream', 'application/json', 'application/x-www-form-urlencoded']) {
      const content = randomBytes(5000);
      const put = await lab.send('PUT', `${await start()}?digest=${digestOf(content)}`, {
        headers: { 'content-type': type },
        body: content,
      });
      expect(put.status).toBe(201);
      expect((await pulled(digestOf(content))).body.equals(content)).toBe(true);
    }
  });

  it('takes all bytes in the POST', async () => {
    const content = randomBytes(5000);
    const post = await lab.send('POST', `/v2/${REPOSITORY}/blobs/uploads/?digest=${digestOf(content)}`, {
      body: content,
    });

    expect([post.status, post.headers.location]).toEqual([201, `/v2/${REPOSITORY}/blobs/${digestOf(content)}`]);
    expect((await pulled(digestOf(content))).body.equals(content)).toBe(true);
  });

  it('takes chunks in their order and the last one in the PUT', async () => {
    const location = await start();
    const send = (method: string, from: number, to: number, url = location) =>
      lab.send(method, url, {
        headers: { 'content-range': `${from}-${to - 1}` },
        body: bytes.subarray(from, to),
      });
    expect((await send('PATCH', 0, 100_000)).headers.range).toBe('0-99999');
    expect((await send('PATCH', 100_000, 200_000)).headers.range).toBe('0-199999');

    expect((await send('PUT', 200_000, 300_000, `${location}?digest=${digest}`)).status).toBe(201);

    expect((await pulled(digest)).body.equals(bytes)).toBe(true);
  });

  it('refuses a chunk out of order with 416 and tells where the upload stands, then goes on', async () => {
    const location = await start();
    const chunk = (from: number, to: number) =>
      lab.send('PATCH', location, {
        headers: { 'content-range': `${from}-${to - 1}` },
        body: bytes.subarray(from, to),
      });
    const early = await chunk(1000, 2000);
    expect([early.status, early.code, early.headers.range, early.headers.location]).toEqual([
      416,
      'BLOB_UPLOAD_INVALID',
      '0-0',
      location,
    ]);
    await chunk(0, 1000);

    const again = await chunk(0, 1000);

    expect([again.status, again.headers.range]).toEqual([416, '0-999']);
    const late = await lab.send('PUT', `${location}?digest=${digest}`, {
      headers: { 'content-range': '5000-5999' },
      body: bytes.subarray(5000, 6000),
    });
    expect([late.status, late.headers.range]).toEqual([416, '0-999']);
    const status = await lab.send('GET', `${location}?digest=${digest}`);
    expect([status.status, status.headers.range, status.headers.location]).toEqual([204, '0-999', location]);
    expect((await chunk(1000, 2000)).headers.range).toBe('0-1999');
  });

  it.each([
    ['0-99', 50],
    ['0-99', 150],
  ])('refuses a chunk announced as %s that has %i bytes', async (contentRange, length) => {
    const location = await start();
    const body = randomBytes(length);

    const announced = await lab.send('PATCH', location, { headers: { 'content-range': contentRange }, body });
    const streamed = await lab.send('PATCH', location, {
      headers: { 'content-range': contentRange },
      body: pieces(body, 10),
    });

    expect([announced.status, announced.code]).toEqual([400, 'SIZE_INVALID']);
    expect([streamed.status, streamed.code]).toEqual([400, 'SIZE_INVALID']);
  });

  it.each(['bytes 0-99', '99-0', 'x', '0-99/100', '-1-5'])('refuses the Content-Range %s', async (contentRange) => {
    const answer = await lab.send('PATCH', await start(), {
      headers: { 'content-range': contentRange },
      body: randomBytes(100),
    });

    expect([answer.status, answer.code]).toEqual([400, 'BLOB_UPLOAD_INVALID']);
  });

  it('keeps what arrived when a client goes away in the middle, and takes the rest', async () => {
    const content = randomBytes(1_000_000);
    const location = await start();
    const logged = registry.log.length;
    const arrived = registry.nextRequest();
    const broken = lab.open('PATCH', location, { 'content-length': '1000000' });
    broken.on('error', () => {});
    broken.write(content.subarray(0, 400_000));
    // What the server has not read by then goes with the connection.
    const request = await arrived;
    const unread = (): (number | undefined)[] => [request.socket.bytesRead, request.readableLength];
    await expect.poll(unread).toEqual([broken.socket?.bytesWritten, 0]);
    broken.destroy();

    const status = await standsAt(location, 400_000);

    expect([status.status, status.headers.range]).toEqual([204, '0-399999']);
    expect(registry.log.slice(logged)).toEqual([]);
    const rest = await lab.send('PATCH', location, {
      headers: { 'content-range': '400000-999999' },
      body: content.subarray(400_000),
    });
    expect([rest.status, rest.headers.range]).toEqual([202, '0-999999']);
    expect((await lab.send('PUT', `${location}?digest=${digestOf(content)}`)).status).toBe(201);
    expect((await pulled(digestOf(content))).body.equals(content)).toBe(true);
  });

  it('believes nothing beyond the announced length', async () => {
    const location = await start();
    const [hostname = '', port] = registry.host.split(':');
    const basic = Buffer.from(`ana:${lab.credentials?.secret}`).toString('base64');
    const socket = connect(Number(port), hostname);
    const received: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.write(
      `PATCH ${location} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${basic}\r\nContent-Length: 10\r\n\r\n0123456789SURPLUS\r\n\r\n`,
    );
    await new Promise((resolve) => socket.once('close', resolve));

    expect(Buffer.concat(received).toString()).toMatch(/^HTTP\/1\.1 (?:202|400) /);
    // Node may end the connection before the ten bytes are read.
    expect(['0-0', '0-9']).toContain((await lab.send('GET', location)).headers.range);
  });

  it('refuses a second writer at once, and loses nothing of the first', async () => {
    const location = await start();
    const first = lab.open('PATCH', location, { 'content-length': '10' });
    const answered = answerOf(first);
    first.write('01234');
    await untilLeased(location);

    const second = await lab.send('PATCH', location, { body: Buffer.from('xxxxx') });
    expect([second.status, second.code, second.headers['retry-after']]).toEqual([409, 'BLOB_UPLOAD_INVALID', '2']);

    first.end('56789');
    expect((await answered).headers.range).toBe('0-9');
    expect((await lab.send('PUT', `${location}?digest=${digestOf(Buffer.from('0123456789'))}`)).status).toBe(201);
  });

  it('answers a closing PUT again when its first answer was lost, with and without a body', async () => {
    const content = randomBytes(2000);
    const empty = await start();
    await lab.send('PATCH', empty, { body: content });
    const full = await start();
    for (let round = 0; round < 2; round += 1) {
      const url = `?digest=${digestOf(content)}`;
      expect((await lab.send('PUT', `${empty}${url}`)).status).toBe(201);
      expect((await lab.send('PUT', `${full}${url}`, { body: content })).status).toBe(201);
    }
    const other = await lab.send('PUT', `${empty}?digest=${digest}`);
    expect([other.status, other.code]).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
  });

  it.each(['PATCH and PUT', 'PUT', 'POST'])(
    'refuses bytes that are not what the digest says, sent by %s, and keeps none of them',
    async (way) => {
      const before = (await staged()).length;
      const content = randomBytes(3000);
      const wrong = digestOf(randomBytes(3000));
      const attempt = async (): Promise<Answer> => {
        if (way === 'POST')
          return await lab.send('POST', `/v2/${REPOSITORY}/blobs/uploads/?digest=${wrong}`, { body: content });
        const location = await start();
        if (way === 'PUT') return await lab.send('PUT', `${location}?digest=${wrong}`, { body: content });
        await lab.send('PATCH', location, { body: content });
        return await lab.send('PUT', `${location}?digest=${wrong}`);
      };

      const answer = await attempt();

      expect([answer.status, answer.code]).toEqual([400, 'DIGEST_INVALID']);
      expect((await pulled(wrong)).status).toBe(404);
      expect((await pulled(digestOf(content))).status).toBe(404);
      expect((await staged()).length).toBe(before);
    },
  );

  it('drops the bytes of a POST whose client went away', async () => {
    const before = (await staged()).length;
    const broken = lab.open('POST', `/v2/${REPOSITORY}/blobs/uploads/?digest=${digest}`, {
      'content-length': '300000',
    });
    broken.on('error', () => {});
    broken.write(bytes.subarray(0, 1000));
    await expect.poll(async () => (await staged()).length).toBe(before + 1);

    broken.destroy();

    await expect.poll(async () => (await staged()).length).toBe(before);
  });

  it.each(['', '?digest=', '?digest=sha256:short', '?digest=md5:d41d8cd98f00b204e9800998ecf8427e'])(
    'refuses a closing PUT with %j',
    async (query) => {
      const answer = await lab.send('PUT', `${await start()}${query}`);

      expect([answer.status, answer.code]).toEqual([400, 'DIGEST_INVALID']);
    },
  );

  it('refuses an algorithm that it cannot check before bytes are sent', async () => {
    const announce = (algorithm: string) =>
      lab.send('POST', `/v2/${REPOSITORY}/blobs/uploads/?digest-algorithm=${algorithm}`);

    expect((await announce('sha256')).status).toBe(202);
    expect((await announce('blake3')).code).toBe('DIGEST_INVALID');
  });

  it('forgets an upload that was cancelled', async () => {
    const location = await start();

    expect((await lab.send('DELETE', location)).status).toBe(204);

    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const answer = await lab.send(method, location);
      expect([answer.status, answer.code]).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
    }
  });

  it.each(['00000000-0000-4000-8000-000000000000', 'not-a-uuid', '%2e%2e%2fescape', 'nul%00'])(
    'does not know the upload %s',
    async (id) => {
      await start();

      const answer = await lab.send('PATCH', `/v2/${REPOSITORY}/blobs/uploads/${id}`, { body: Buffer.from('x') });

      expect([answer.status, answer.code]).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
    },
  );

  it('does not know an upload through another repository', async () => {
    const location = await start();
    await lab.pushBlob('lab/other');

    const answer = await lab.send('PATCH', location.replace(REPOSITORY, 'lab/other'), { body: Buffer.from('x') });

    expect([answer.status, answer.code]).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
  });
});
