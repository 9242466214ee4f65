import { randomBytes } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Digest, digestOf, parseDigest, parseTag } from '@envarium/oci';
import { Outbound } from '@envarium/outbound';
import { FakeRegistry, type Fault } from '@envarium/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OutboundUpstream } from './outbound-upstream.js';

const MIB = 1024 * 1024;
const BACK_OFF = { first: 1, tries: 5, longest: 2000 };
const signal = new AbortController().signal;
const V1 = parseTag('v1');

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('upstream/outbound-upstream', () => {
  let fake: FakeRegistry;
  let outbound: Outbound;
  let upstream: OutboundUpstream;
  let bytes: Buffer;
  let blob: { digest: Digest; size: number };
  const connect = (credentials: { username: string; password: string } | null = null) =>
    new OutboundUpstream(outbound, { host: fake.host, repository: 'lab/eeg', credentials }, BACK_OFF);
  const read = async (from = 0): Promise<Buffer> => Buffer.concat(await collect(upstream.blob(blob, from, signal)));

  beforeAll(async () => {
    fake = await FakeRegistry.start();
    bytes = randomBytes(3 * MIB);
    blob = { digest: parseDigest(fake.addBlob(bytes).digest), size: bytes.length };
    fake.addImage(Buffer.from('layer'), ['v1']);
  });
  beforeEach(() => {
    fake.behave();
    outbound = new Outbound({ allow: [fake.host], userAgent: 'test' });
    upstream = connect();
  });
  afterEach(async () => await outbound.close());
  afterAll(async () => await fake.stop());

  /** Cuts the first answers to blob requests after so many bytes. */
  const cut = (after: number, times: number): Fault => {
    let count = 0;
    return (request, response) => {
      if (!request.url?.includes('/blobs/') || count++ >= times) return false;
      const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0);
      const range = { 'Content-Range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
      response.writeHead(start === 0 ? 200 : 206, { 'Content-Length': bytes.length - start, ...(start > 0 && range) });
      response.write(bytes.subarray(start, start + after), () => response.destroy());
      return true;
    };
  };

  describe('blobs', () => {
    it('reads one, from the start and from an offset', async () => {
      expect(digestOf(await read())).toBe(blob.digest);
      expect((await read(MIB)).equals(bytes.subarray(MIB))).toBe(true);
      expect((await read(bytes.length)).length).toBe(0);
    });

    it('goes on where the connection broke off', async () => {
      fake.fault = cut(100_000, 3);

      expect(digestOf(await read())).toBe(blob.digest);
      expect(fake.asked.filter((line) => line.includes('bytes=')).length).toBe(3);
    });

    it('goes on where a server does not know ranges', async () => {
      const once = cut(100_000, 1);
      fake.fault = (request, response) => {
        if (once(request, response)) return true;
        if (!request.url?.includes('/blobs/')) return false;
        response.writeHead(200, { 'Content-Length': bytes.length }).end(bytes);
        return true;
      };

      expect(digestOf(await read())).toBe(blob.digest);
    });

    it('goes on after an end that was too early, and no error', async () => {
      let isFirst = true;
      fake.fault = (request, response) => {
        if (!request.url?.includes('/blobs/') || !isFirst) return false;
        isFirst = false;
        // In chunks, so that no length is announced.
        response.write(bytes.subarray(0, 1000));
        response.end();
        return true;
      };

      expect(digestOf(await read())).toBe(blob.digest);
    });

    it('gives up after five tries without progress', async () => {
      fake.fault = cut(1000, Number.POSITIVE_INFINITY);

      await expect(read()).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
      expect(fake.asked.filter((line) => line.includes('/blobs/')).length).toBe(5);
    });

    it('gives a connection that breaks every MiB all the tries it needs', async () => {
      const large = randomBytes(8 * MIB);
      const kept = [bytes, blob] as const;
      [bytes, blob] = [large, { digest: parseDigest(fake.addBlob(large).digest), size: large.length }];
      fake.fault = cut(MIB + 1, 7);

      const received = await read();

      [bytes, blob] = kept;
      expect(received.equals(large)).toBe(true);
    });

    it('ends at the announced size, whatever comes after it', async () => {
      fake.fault = (request, response) => {
        if (!request.url?.includes('/blobs/')) return false;
        const send = (): void => void (response.destroyed || response.write(bytes.subarray(0, 65_536), send));
        send();
        return true;
      };

      await expect(read()).rejects.toMatchObject({ code: 'UPSTREAM_INVALID', detail: { reason: 'too-large' } });
    });

    it.each<[string, (response: http.ServerResponse) => void, object]>([
      [
        'a page of HTML',
        (response) => {
          response.setHeader('Content-Type', 'text/html').write('<html>');
          response.end();
        },
        { code: 'UPSTREAM_UNAVAILABLE' },
      ],
      [
        'a page of HTML with its length',
        (response) => response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Length': 5 }).end('<p>hi'),
        { code: 'UPSTREAM_INVALID', detail: { reason: 'length' } },
      ],
      ['nothing', (response) => response.writeHead(204).end(), { code: 'UPSTREAM_INVALID' }],
      ['not found', (response) => response.writeHead(404).end(), { code: 'UPSTREAM_UNKNOWN' }],
      [
        'another range',
        (response) => response.writeHead(206, { 'Content-Range': 'bytes 7-9/10' }).end('abc'),
        {
          code: 'UPSTREAM_INVALID',
        },
      ],
      [
        'a drip',
        (response) => void setInterval(() => response.write('x'), 50).unref(),
        { code: 'UPSTREAM_UNAVAILABLE' },
      ],
    ])('refuses %s', async (_title, answer, expected) => {
      fake.fault = (request, response) => {
        if (!request.url?.includes('/blobs/')) return false;
        answer(response);
        return true;
      };
      const pace = { bytes: 1000, milliseconds: 500 };
      const impatient = new Outbound({ allow: [fake.host], userAgent: 'test', pace });
      upstream = new OutboundUpstream(
        impatient,
        { host: fake.host, repository: 'lab/eeg', credentials: null },
        { ...BACK_OFF, tries: 2 },
      );

      await expect(read()).rejects.toMatchObject(expected);
      await impatient.close();
    });

    it('waits as long as it is asked to, and no longer than it may', async () => {
      let count = 0;
      const busy =
        (seconds: number): Fault =>
        (request, response) => {
          if (!request.url?.includes('/blobs/') || count++ > 0) return false;
          response.writeHead(429, { 'Retry-After': seconds }).end();
          return true;
        };
      fake.fault = busy(1);
      expect(digestOf(await read())).toBe(blob.digest);

      count = 0;
      fake.fault = busy(3);
      await expect(read()).rejects.toMatchObject({
        code: 'UPSTREAM_UNAVAILABLE',
        detail: { status: 429, retryAfter: 3 },
      });
    });

    it('stops with the signal, also in a pause', async () => {
      const controller = new AbortController();
      fake.fault = (request, response) => {
        if (!request.url?.includes('/blobs/')) return false;
        response.writeHead(503, { 'Retry-After': 2 }).end();
        setTimeout(() => controller.abort(new Error('cancelled')), 20);
        return true;
      };

      await expect(collect(upstream.blob(blob, 0, controller.signal))).rejects.toThrow('cancelled');
    });
  });

  describe('image manifests', () => {
    it('resolves a tag to the digest of its bytes', async () => {
      const { digest, mediaType, bytes: content } = fake.manifests.get('v1')!;

      expect(await upstream.resolve(V1, signal)).toEqual({ digest, mediaType, size: content.length });
      expect((await upstream.manifest(parseDigest(digest), signal)).bytes.equals(content)).toBe(true);
    });

    const fault = (headers: http.OutgoingHttpHeaders, body: Buffer | string): Fault => {
      return (request, response) => {
        if (!request.url?.includes('/manifests/')) return false;
        response.writeHead(200, headers).end(body);
        return true;
      };
    };
    const OCI = 'application/vnd.oci.image.manifest.v1+json';

    it.each<[string, http.OutgoingHttpHeaders, Buffer | string, object]>([
      ['HTML', { 'Content-Type': 'text/html; charset=utf-8' }, '<html>', { code: 'UPSTREAM_INVALID' }],
      ['no type', {}, '{}', { code: 'UPSTREAM_INVALID' }],
      ['5 MiB', { 'Content-Type': OCI }, Buffer.alloc(5 * MIB, ' '), { code: 'MANIFEST_TOO_LARGE' }],
      [
        'schema 1',
        { 'Content-Type': 'application/vnd.docker.distribution.manifest.v1+prettyjws' },
        '{}',
        { code: 'MANIFEST_INVALID', detail: { reason: 'docker-schema-1' } },
      ],
      [
        'a digest header that is not true',
        { 'Content-Type': OCI, 'Docker-Content-Digest': `sha256:${'0'.repeat(64)}` },
        '{}',
        { code: 'DIGEST_INVALID' },
      ],
    ])('refuses %s', async (_title, headers, body, expected) => {
      fake.fault = fault(headers, body);

      await expect(upstream.resolve(V1, signal)).rejects.toMatchObject(expected);
    });

    it('refuses bytes of another digest than asked for', async () => {
      fake.fault = fault({ 'Content-Type': OCI }, '{}');

      await expect(upstream.manifest(blob.digest, signal)).rejects.toMatchObject({
        code: 'DIGEST_INVALID',
        detail: { expected: blob.digest, actual: digestOf(Buffer.from('{}')) },
      });
    });

    it('says what is not there', async () => {
      await expect(upstream.resolve(parseTag('none'), signal)).rejects.toMatchObject({
        code: 'UPSTREAM_UNKNOWN',
        detail: { host: fake.host, repository: 'lab/eeg', reference: 'none' },
      });
    });

    it('tries again when a server is busy, and when it breaks off', async () => {
      let count = 0;
      fake.fault = (request, response) => {
        if (!request.url?.includes('/manifests/')) return false;
        count += 1;
        if (count === 1) response.writeHead(503).end();
        else if (count === 2)
          response.writeHead(200, { 'Content-Type': OCI, 'Content-Length': 9 }).write('{', () => response.destroy());
        return count <= 2;
      };

      expect((await upstream.resolve(V1, signal)).digest).toBe(fake.manifests.get('v1')!.digest);
    });

    it.each([
      ['in a circle', '/v2/lab/eeg/manifests/v1', 'UPSTREAM_INVALID'],
      ['to an address inside', 'http://169.254.169.254/latest/meta-data', 'OUTBOUND_REFUSED'],
      ['to another port', 'http://127.0.0.1:1/', 'OUTBOUND_REFUSED'],
    ])('refuses to be led %s', async (_title, location, code) => {
      fake.fault = (request, response) => {
        if (!request.url?.includes('/manifests/')) return false;
        response.writeHead(307, { Location: location }).end();
        return true;
      };

      await expect(upstream.resolve(V1, signal)).rejects.toMatchObject({ code });
    });
  });

  describe('login', () => {
    let issued: string[];
    let good: Set<string>;
    let asked: { url: URL; authorization: string | undefined }[];
    let answer: (token: string) => string;
    let auth: http.Server;

    beforeEach(async () => {
      [issued, good, asked] = [[], new Set(), []];
      answer = (token) => JSON.stringify({ token, expires_in: 300 });
      auth = http.createServer((request, response) => {
        asked.push({ url: new URL(request.url ?? '', 'http://auth'), authorization: request.headers.authorization });
        const token = `token-${issued.length + 1}`;
        issued.push(token);
        good.add(token);
        response.end(answer(token));
      });
      await new Promise<void>((resolve) => auth.listen(0, '127.0.0.1', resolve));
      const { port } = auth.address() as AddressInfo;
      fake.token = { realm: `http://127.0.0.1:${port}/token?tenant=a`, isGood: (token) => good.has(token) };
      await outbound.close();
      outbound = new Outbound({ allow: [fake.host, `127.0.0.1:${port}`], userAgent: 'test' });
      upstream = connect({ username: 'ana', password: 'pässword ✓' });
    });
    afterEach(async () => {
      auth.closeAllConnections();
      await new Promise((resolve) => auth.close(resolve));
    });

    it('asks the realm, keeping the query that it has, and asks once', async () => {
      await upstream.resolve(V1, signal);
      await upstream.resolve(V1, signal);

      expect(asked.map(({ url }) => url.search)).toEqual([
        '?tenant=a&service=fake&scope=repository%3Alab%2Feeg%3Apull&account=ana',
      ]);
      const basic = Buffer.from((asked[0]?.authorization ?? '').slice(6), 'base64').toString('utf8');
      expect(basic).toBe('ana:pässword ✓');
    });

    it('sends no credentials where it has none', async () => {
      upstream = connect();

      await upstream.resolve(V1, signal);

      expect(asked.map(({ url, authorization }) => [url.searchParams.has('account'), authorization])).toEqual([
        [false, undefined],
      ]);
    });

    it('takes an answer that only has an access_token', async () => {
      answer = (token) => JSON.stringify({ access_token: token });

      expect((await upstream.resolve(V1, signal)).digest).toBe(fake.manifests.get('v1')!.digest);
    });

    it('gets another token when one expires in the middle of a transfer', async () => {
      await upstream.resolve(V1, signal);
      const breaking = cut(100_000, 1);
      fake.fault = (request, response) => {
        const isCut = breaking(request, response);
        if (isCut) good.clear();
        return isCut;
      };

      expect(digestOf(await read())).toBe(blob.digest);
      expect(issued.length).toBe(2);
    });

    it('gives up when no token is good', async () => {
      fake.token = { realm: fake.token?.realm ?? '', isGood: () => false };

      await expect(upstream.resolve(V1, signal)).rejects.toMatchObject({
        code: 'UPSTREAM_DENIED',
        detail: { status: 401 },
      });
      expect(issued.length).toBe(1);
    });

    it.each([
      ['no JSON', '<html>'],
      ['no token', '{"expires_in":300}'],
      ['a token that is two headers', '{"token":"a\\r\\nX: y"}'],
    ])('refuses an answer with %s', async (_title, text) => {
      answer = () => text;

      await expect(upstream.resolve(V1, signal)).rejects.toMatchObject({
        code: 'UPSTREAM_INVALID',
        detail: { reason: 'token-malformed' },
      });
    });

    it.each([
      ['http://169.254.169.254/token', 'OUTBOUND_REFUSED'],
      ['http://127.0.0.1:1/token', 'OUTBOUND_REFUSED'],
      ['file:///etc/passwd', 'OUTBOUND_REFUSED'],
      ['', 'UPSTREAM_INVALID'],
      ['http://[', 'UPSTREAM_INVALID'],
    ])('does not go to the realm %j', async (realm, code) => {
      fake.token = { realm, isGood: () => false };

      await expect(upstream.resolve(V1, signal)).rejects.toMatchObject({ code });
      expect(asked).toEqual([]);
    });

    it('follows a realm without a host to the registry itself', async () => {
      fake.token = { realm: '/token', isGood: (token) => token === 'own' };
      fake.fault = (request, response) => {
        if (!request.url?.startsWith('/token?')) return false;
        response.end('{"token":"own"}');
        return true;
      };

      expect((await upstream.resolve(V1, signal)).digest).toBe(fake.manifests.get('v1')!.digest);
    });

    it('sends name and password to a registry that asks for them itself, and only then', async () => {
      const seen: (string | undefined)[] = [];
      fake.token = null;
      fake.fault = (request, response) => {
        if (!request.url?.includes('/manifests/')) return false;
        seen.push(request.headers.authorization);
        if (request.headers.authorization !== undefined) return false;
        response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
        return true;
      };

      await upstream.resolve(V1, signal);

      expect(seen).toEqual([undefined, `Basic ${Buffer.from('ana:pässword ✓').toString('base64')}`]);
      await expect(connect().resolve(V1, signal)).rejects.toMatchObject({ code: 'UPSTREAM_DENIED' });
    });
  });

  describe('lists', () => {
    it('follows the pages of the tags', async () => {
      fake.fault = (request, response) => {
        const page = Number(/last=(?<page>\d+)/.exec(request.url ?? '')?.groups?.['page'] ?? 0);
        if (!request.url?.includes('/tags/list')) return false;
        if (page < 3) response.setHeader('Link', `</v2/lab/eeg/tags/list?n=1&last=${page + 1}>; rel="next"`);
        response.end(JSON.stringify({ name: 'lab/eeg', tags: page === 2 ? null : [`t${page}`] }));
        return true;
      };

      expect(await collect(upstream.tags(signal))).toEqual(['t0', 't1', 't3']);
    });

    it.each([
      ['ten thousand pages', (page: number) => `</v2/lab/eeg/tags/list?last=${page}>; rel="next"`, 'too-many-pages'],
      ['a circle', () => '</v2/lab/eeg/tags/list?last=1>; rel=next', 'pages-in-a-circle'],
      ['a page that is no address', () => '<http://[>; rel="next"', 'link-malformed'],
    ])('refuses %s', async (_title, link, reason) => {
      let page = 0;
      fake.fault = (request, response) => {
        if (!request.url?.includes('/tags/list')) return false;
        page += 1;
        if (page <= 10_000) response.setHeader('Link', link(page));
        response.end('{"tags":["t"]}');
        return true;
      };

      await expect(collect(upstream.tags(signal))).rejects.toMatchObject({
        code: 'UPSTREAM_INVALID',
        detail: { reason },
      });
      expect(page).toBeLessThanOrEqual(1000);
    });

    it('lists referrers by the interface, else by the fallback tag, and signatures by their tags', async () => {
      const subject = parseDigest(fake.manifests.get('v1')!.digest);
      const signature = fake.addImage(Buffer.from('signature'), [`${subject.replace(':', '-')}.sig`]);
      const listed = { mediaType: OCI_MANIFEST, digest: signature.digest, size: 7 };
      const found = async () =>
        (await collect(upstream.referrers(subject, signal))).map(({ descriptor, tag }) => [descriptor.size, tag]);
      const signed = [signature.bytes.length, `${subject.replace(':', '-')}.sig`];

      fake.referrers = new Map([[subject, [listed]]]);
      expect(await found()).toEqual([[7, null], signed]);

      fake.referrers = null;
      expect(await found()).toEqual([signed]);

      fake.addManifest(
        { mediaType: 'application/vnd.oci.image.index.v1+json', schemaVersion: 2, manifests: [listed] },
        subject.replace(':', '-'),
      );
      expect(await found()).toEqual([[7, null], signed]);
    });
  });
});

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
