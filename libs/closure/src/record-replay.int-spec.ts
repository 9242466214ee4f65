import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Outbound } from '@envarium/outbound';
import type { Exchange } from '@envarium/schema';
import { ExchangeDirectory } from '@envarium/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExchangeStore } from './exchange-store.js';
import { decodeExchanges, encodeExchanges } from './exchanges-file.js';
import { fetchRemaining } from './remaining.js';
import { RECORD_LIMITS, type RecordLimits } from './record-limits.js';
import { startRecorder, type Recorder } from './recorder.js';
import { startReplay, type Replay, type ReplayOptions } from './replay.js';

type Respond = (request: http.IncomingMessage, response: http.ServerResponse) => void;
interface Heard {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

const HELLO = 'sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
const LARGE = 'x'.repeat(3_000_000);

describe('closure/record-replay', () => {
  const asked: http.IncomingMessage[] = [];
  let respond: Respond;
  let upstream: http.Server;
  let origin: string;
  let outbound: Outbound;
  let store: ExchangeDirectory;
  let directory: string;
  const ended = new AbortController();

  beforeEach(async () => {
    asked.length = 0;
    respond = (_request, response) => response.end('hello');
    upstream = http.createServer((request, response) => {
      asked.push(request);
      respond(request, response);
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    outbound = new Outbound({ allow: [origin.slice('http://'.length)], userAgent: 'envarium' });
    store = await ExchangeDirectory.create();
    directory = await mkdtemp(path.join(tmpdir(), 'closure-'));
  });
  afterEach(async () => {
    await cutUpstream();
    await outbound.close();
    await store.remove();
    await rm(directory, { recursive: true });
  });

  const cutUpstream = async (): Promise<void> => {
    upstream.closeAllConnections();
    await new Promise((resolve) => upstream.close(resolve));
  };
  const socket = (): string => path.join(directory, 'exchanges.sock');
  const record = async (limits: Partial<RecordLimits> = {}): Promise<Recorder> =>
    startRecorder({
      socket: socket(),
      store,
      outbound,
      limits: { ...RECORD_LIMITS, ...limits },
      signal: ended.signal,
    });
  const replay = async (exchanges: readonly Exchange[], more: Partial<ReplayOptions> = {}): Promise<Replay> =>
    startReplay({
      socket: socket(),
      exchanges: decodeExchanges(encodeExchanges(exchanges)),
      store,
      signal: ended.signal,
      ...more,
    });
  /** Asks as the stand-in does. Rejects when the answer breaks off. */
  const ask = async (
    url: string,
    { method = 'GET', body, ...headers }: Record<string, string> = {},
    to = origin,
  ): Promise<Heard> =>
    new Promise((resolve, reject) => {
      const request = http.request({
        socketPath: socket(),
        method,
        path: url,
        headers: { 'envarium-origin': to, ...headers },
        agent: false,
      });
      request.on('error', reject);
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      });
      request.end(body);
    });

  it('answers again what was recorded, when upstream is gone', async () => {
    respond = (request, response) => {
      response.setHeader('content-type', 'text/x-test');
      response.setHeader('set-cookie', 'id=secret');
      response.end(request.url === '/large' ? LARGE : 'hello');
    };
    const recorder = await record();
    const first = await ask('/a?b=c');
    await ask('/large');
    await ask('/a?b=c');
    const { exchanges, contentSize, notes, excess } = await recorder.stop();
    await cutUpstream();
    const replayed = await replay(exchanges);

    const again = await ask('/a?b=c');
    const large = await ask('/large');

    expect(first).toMatchObject({ status: 200, body: 'hello' });
    expect(again).toMatchObject({ status: 200, body: 'hello', headers: { 'content-type': 'text/x-test' } });
    expect(large.body).toBe(LARGE);
    expect(await replayed.stop()).toEqual({ hits: 2, misses: [], damaged: [], fetched: [] });
    expect({ contentSize, notes, excess }).toEqual({ contentSize: 3_000_005, notes: [], excess: null });
    expect(exchanges.find(({ url }) => url.endsWith('/a?b=c'))).toEqual({
      method: 'GET',
      url: `${origin}/a?b=c`,
      request: {},
      requestDigest: null,
      status: 200,
      headers: { 'content-type': 'text/x-test' },
      digest: HELLO,
      size: 5,
    });
  });

  it('keeps no cookie and no credential anywhere, and refuses requests that carry one', async () => {
    respond = (_request, response) => {
      response.setHeader('set-cookie', ['a=s3cr3t', 'b=s3cr3t']);
      response.setHeader('www-authenticate', 'Bearer s3cr3t');
      response.end('hello');
    };
    const recorder = await record();

    await ask('/plain');
    const withToken = await ask('/token', { authorization: 'Bearer s3cr3t' });
    const withCookie = await ask('/cookie', { cookie: 'a=s3cr3t' });
    const inAddress = await ask('/user', {}, origin.replace('//', '//user:s3cr3t@'));
    const recording = await recorder.stop();

    expect([withToken.status, withCookie.status, inAddress.status]).toEqual([403, 403, 403]);
    expect(withToken.body).toContain('carries a secret (authorization)');
    expect(asked.map(({ url }) => url)).toEqual(['/plain']);
    expect(JSON.stringify(recording)).not.toMatch(/s3cr3t|set-cookie|www-authenticate/i);
    expect(recording.notes.map(({ code }) => code)).toEqual(['credentials', 'credentials', 'credentials']);
  });

  it('asks for the whole body, without conditions and encodings', async () => {
    const recorder = await record();

    await ask('/a', { range: 'bytes=2-', 'if-none-match': '"x"', 'accept-encoding': 'gzip', 'x-machine': 'id' });
    await recorder.stop();

    const { range, 'if-none-match': condition, 'accept-encoding': encoding, 'x-machine': machine } = asked[0]!.headers;
    expect([range, condition, encoding, machine]).toEqual([undefined, undefined, 'identity', undefined]);
  });

  it('records redirects as they come, and errors', async () => {
    respond = (request, response) => {
      if (request.url === '/from') response.writeHead(302, { location: '/to?signature=1' }).end();
      else response.writeHead(404).end('nothing');
    };
    const recorder = await record();
    await ask('/from');
    await ask('/to?signature=1');
    const { exchanges } = await recorder.stop();
    const replayed = await replay(exchanges);

    expect(await ask('/from')).toMatchObject({ status: 302, body: '', headers: { location: '/to?signature=1' } });
    expect(await ask('/to?signature=1')).toMatchObject({ status: 404, body: 'nothing' });
    expect(await replayed.stop()).toMatchObject({ hits: 2, misses: [] });
  });

  it('does not record a body that breaks off, and breaks off itself', async () => {
    respond = (_request, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('hello', () => response.destroy());
    };
    const recorder = await record();

    await expect(ask('/broken')).rejects.toMatchObject({ code: 'ECONNRESET' });
    const { exchanges, notes } = await recorder.stop();

    expect(exchanges).toEqual([]);
    expect(notes).toMatchObject([{ code: 'unreachable', url: `${origin}/broken` }]);
  });

  it('records a body to its end when the program that asked for it has left', async () => {
    let finish = (): void => {};
    respond = (_request, response) => {
      response.write('hel');
      finish = () => response.end('lo');
    };
    const recorder = await record();

    await new Promise<void>((resolve) => {
      const request = http.get({ socketPath: socket(), path: '/head', headers: { 'envarium-origin': origin } });
      request.on('error', () => {});
      request.on('response', (response) => response.once('data', () => resolve(void request.destroy())));
    });
    finish();

    expect((await recorder.stop()).exchanges).toMatchObject([{ url: `${origin}/head`, digest: HELLO }]);
  });

  it('tells two formats of one address apart by Accept', async () => {
    respond = (request, response) => {
      response.setHeader('content-type', request.headers.accept ?? '');
      response.end(request.headers.accept);
    };
    const recorder = await record();
    await ask('/simple', { accept: 'application/json', 'user-agent': 'pip/23' });
    await ask('/simple', { accept: 'text/html', 'user-agent': 'pip/23' });
    const { exchanges } = await recorder.stop();
    await replay(exchanges);

    const answers = [
      await ask('/simple', { accept: 'text/html', 'user-agent': 'pip/23 on another kernel' }),
      await ask('/simple', { accept: 'application/json' }),
      await ask('/simple', { accept: 'image/png' }),
    ];

    expect(answers.map(({ status, body }) => [status, body.slice(0, 20)])).toEqual([
      [200, 'text/html'],
      [200, 'application/json'],
      [504, 'envarium: GET http:/'],
    ]);
    expect(exchanges.map(({ request }) => request)).toEqual([{ accept: 'application/json' }, { accept: 'text/html' }]);
  });

  it('keeps the last of two answers to one question, with a note', async () => {
    let count = 0;
    respond = (_request, response) => response.end(`answer ${++count}`);
    const recorder = await record();
    await ask('/changing');
    await ask('/changing');
    const { exchanges, notes } = await recorder.stop();
    await replay(exchanges);

    expect((await ask('/changing')).body).toBe('answer 2');
    expect(notes).toMatchObject([{ code: 'changed-while-recorded', url: `${origin}/changing` }]);
  });

  it('answers HEAD and ranges from a body', async () => {
    const recorder = await record();
    await ask('/a');
    await replay((await recorder.stop()).exchanges);

    const head = await ask('/a', { method: 'HEAD' });
    const part = await ask('/a', { range: 'bytes=1-2' });
    const beyond = await ask('/a', { range: 'bytes=5-' });
    const conditional = await ask('/a', { 'if-none-match': '*' });

    expect(head).toMatchObject({ status: 200, body: '', headers: { 'content-length': '5' } });
    expect(part).toMatchObject({ status: 206, body: 'el', headers: { 'content-range': 'bytes 1-2/5' } });
    expect(beyond).toMatchObject({ status: 416, headers: { 'content-range': 'bytes */5' } });
    expect(conditional).toMatchObject({ status: 200, body: 'hello' });
  });

  it('records HEAD with the length that it announces', async () => {
    const recorder = await record();
    await ask('/a', { method: 'HEAD' });
    respond = (_request, response) => response.writeHead(200, { 'content-length': 7 }).end();
    await ask('/b', { method: 'HEAD' });
    const { exchanges } = await recorder.stop();
    await replay(exchanges);

    expect(await ask('/b', { method: 'HEAD' })).toMatchObject({ status: 200, headers: { 'content-length': '7' } });
    expect((await ask('/b')).status).toBe(504);
  });

  it('tells small POSTs apart by their body', async () => {
    respond = (request, response) => void request.pipe(response);
    const recorder = await record();
    await ask('/query', { method: 'POST', body: 'one' });
    await ask('/query', { method: 'POST', body: 'two' });
    const large = await ask('/query', { method: 'POST', body: LARGE });
    await replay((await recorder.stop()).exchanges);

    expect((await ask('/query', { method: 'POST', body: 'two' })).body).toBe('two');
    expect((await ask('/query', { method: 'POST', body: 'three' })).status).toBe(504);
    expect(large.status).toBe(501);
  });

  it.each([
    ['/project/info/refs?service=git-upload-pack', {}, 'Fetch an archive of the commit'],
    ['/project/git-upload-pack', { method: 'POST', body: '0000' }, 'Fetch an archive of the commit'],
    ['/socket', { upgrade: 'websocket' }, 'a web socket cannot be replayed'],
    ['/file', { method: 'PUT', body: 'x' }, 'PUT cannot be replayed'],
  ])('says why %s is not recorded', async (url, headers, text) => {
    const recorder = await record();

    const answer = await ask(url, headers);

    expect(answer.status).toBe(501);
    expect(answer.body).toContain(text);
    expect((await recorder.stop()).notes).toMatchObject([{ url: `${origin}${url}` }]);
    expect(asked).toEqual([]);
  });

  it('asks no address that the guard refuses', async () => {
    const recorder = await record();

    const answer = await ask('/latest/meta-data', {}, 'http://169.254.169.254:80');

    expect(answer.status).toBe(403);
    expect((await recorder.stop()).notes).toMatchObject([{ code: 'refused-address' }]);
  });

  it.each([
    ['exchanges', { exchanges: 1 }, '/b'],
    ['bodyBytes', { bodyBytes: 4 }, '/a'],
    ['bytes', { bytes: 4 }, '/a'],
  ])('ends at the limit of %s', async (limit, limits, url) => {
    const recorder = await record(limits);

    await ask('/a').catch(() => {});
    await ask('/b').catch(() => {});
    const { excess } = await recorder.stop();

    expect(excess).toEqual({ limit, allowed: Object.values(limits)[0], url: `${origin}${url}` });
  });

  it('lists what was not recorded, once for each address', async () => {
    const replayed = await replay([]);

    const answer = await ask('/new');
    await ask('/new');

    expect(answer.status).toBe(504);
    expect(answer.body).toBe(`envarium: GET ${origin}/new was not recorded\n`);
    expect((await replayed.stop()).misses).toEqual([{ method: 'GET', url: `${origin}/new`, count: 2, refusal: null }]);
  });

  it.each([
    ['the first byte of a small body', 'hello', 0],
    ['the last byte of a large body', LARGE, LARGE.length - 1],
  ])('never sends a body as good in which %s is flipped', async (_what, body, position) => {
    respond = (_request, response) => response.end(body);
    const recorder = await record();
    await ask('/a');
    const { exchanges } = await recorder.stop();
    const digest = exchanges[0]!.digest!;
    await store.flip(digest, position);
    const replayed = await replay(exchanges);

    await expect(ask('/a')).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(ask('/a', { range: 'bytes=1-2' })).rejects.toMatchObject({ code: 'ECONNRESET' });

    expect(await replayed.stop()).toMatchObject({
      hits: 0,
      misses: [],
      damaged: [{ url: `${origin}/a`, digest, reason: 'wrong' }],
    });
  });

  it('names the body that is missing', async () => {
    const recorder = await record();
    await ask('/a');
    const { exchanges } = await recorder.stop();
    await store.lose(HELLO);
    const replayed = await replay(exchanges);

    const answer = await ask('/a');

    expect(answer).toMatchObject({ status: 504 });
    expect(answer.body).toContain(`its bytes ${HELLO} are missing`);
    expect((await replayed.stop()).damaged).toEqual([{ url: `${origin}/a`, digest: HELLO, reason: 'missing' }]);
  });

  it('counts a body that the store fails to give', async () => {
    const recorder = await record();
    await ask('/a');
    const { exchanges } = await recorder.stop();
    const failing: ExchangeStore = {
      put: async (content) => store.put(content),
      open: (digest) => store.open(digest),
      has: async () => Promise.reject(new Error('the disk is gone')),
    };
    const replayed = await replay(exchanges, { store: failing });

    await expect(ask('/a')).rejects.toMatchObject({ code: 'ECONNRESET' });

    expect((await replayed.stop()).damaged).toEqual([{ url: `${origin}/a`, digest: HELLO, reason: 'unreadable' }]);
  });

  it('fetches a missing body when it may, and keeps it when it is the right one', async () => {
    const recorder = await record();
    await ask('/a');
    await ask('/b');
    respond = (request, response) => response.end(request.url === '/other' ? 'other' : 'hello');
    await ask('/other');
    const { exchanges } = await recorder.stop();
    const other = exchanges.find(({ url }) => url.endsWith('/other'))!.digest!;
    await store.lose(HELLO);
    await store.lose(other);
    respond = (_request, response) => response.end('hello');
    const replayed = await replay(exchanges, { assistance: { outbound, requestMs: 10_000 } });

    const answers = await Promise.all([ask('/a'), ask('/b'), ask('/other')]);

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 504]);
    expect(await store.has(HELLO)).toBe(true);
    expect(await replayed.stop()).toMatchObject({
      hits: 2,
      damaged: [{ url: `${origin}/other`, digest: other, reason: 'missing' }],
      fetched: [{ digest: HELLO }],
    });
  });

  it('fetches what a lock file names beyond the recording, and keeps what has the right hash', async () => {
    const sha512 =
      'sha512:9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca72323c3d99ba5c11d7c7acc6e14b8c5da0c4663475c2e5c3adef46f73bcdec043';
    respond = (request, response) => {
      if (request.url === '/gone.tgz') response.writeHead(404).end();
      else response.end(request.url === '/right.tgz' ? 'hello' : 'other');
    };
    const entries = ['right', 'wrong', 'gone'].map((name) => ({
      purl: `pkg:npm/${name}@1.0.0`,
      url: `${origin}/${name}.tgz`,
      hashes: [sha512],
    }));

    const { exchanges, failed } = await fetchRemaining(entries, {
      store,
      outbound,
      limits: RECORD_LIMITS,
      signal: ended.signal,
    });
    await replay(exchanges);

    expect(exchanges).toMatchObject([{ url: `${origin}/right.tgz`, digest: HELLO, size: 5 }]);
    expect(failed.map(({ entry, reason }) => [entry.purl, reason])).toEqual([
      ['pkg:npm/wrong@1.0.0', 'wrong-hash'],
      ['pkg:npm/gone@1.0.0', 'status-404'],
    ]);
    expect((await ask('/right.tgz', { accept: 'anything' })).body).toBe('hello');
  });

  it('answers what cannot be read with 400, and goes on', async () => {
    const recorder = await record();

    const answers = [await ask('/a', {}, 'nonsense'), await ask('/a', {}, 'http://[::1'), await ask('/a')];
    await recorder.stop();

    expect(answers.map(({ status }) => status)).toEqual([400, 400, 200]);
  });
});
