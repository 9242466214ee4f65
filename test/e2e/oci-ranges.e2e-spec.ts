import { randomBytes } from 'node:crypto';
import { chmod, truncate } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, OciClient, PushedBlob } from './oci-client.js';
import { startRegistry, type TestRegistry } from './oci-harness.js';

interface Part {
  readonly head: string;
  readonly body: Buffer;
}

/** Takes a multipart body apart by its grammar (RFC 2046 section 5.1.1), by the lengths that the parts announce. */
function partsOf(answer: Answer): Part[] {
  const boundary = /^multipart\/byteranges; boundary=([0-9a-f]{32})$/.exec(answer.headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) throw new Error(`not multipart: ${answer.headers['content-type'] ?? ''}`);
  const parts: Part[] = [];
  let offset = 0;
  for (;;) {
    const delimiter = `${offset === 0 ? '' : '\r\n'}--${boundary}`;
    expect(answer.body.toString('latin1', offset, offset + delimiter.length)).toBe(delimiter);
    offset += delimiter.length;
    if (answer.body.toString('latin1', offset) === '--\r\n') return parts;
    const end = answer.body.indexOf('\r\n\r\n', offset);
    const head = answer.body.toString('latin1', offset, end).trim();
    const { first, last } = /bytes (?<first>\d+)-(?<last>\d+)\//.exec(head)?.groups ?? {};
    const length = Number(last) - Number(first) + 1;
    parts.push({ head, body: answer.body.subarray(end + 4, end + 4 + length) });
    offset = end + 4 + length;
  }
}

describe('oci/ranges', () => {
  let registry: TestRegistry;
  let lab: OciClient;
  let blob: PushedBlob;
  let url: string;
  const get = (range: string, headers = {}) => lab.send('GET', url, { headers: { range, ...headers } });

  beforeAll(async () => {
    registry = await startRegistry();
    lab = await registry.account('ana', 'depositor', 'lab');
    blob = await lab.pushBlob('lab/ranges', randomBytes(100_000));
    url = `/v2/lab/ranges/blobs/${blob.digest}`;
  });
  afterAll(async () => {
    await registry.stop();
  });

  it('gives several ranges as parts, in the order asked for, with the length told before', async () => {
    const answer = await get('bytes=200-299, 0-99,-1');

    expect(answer.status).toBe(206);
    expect(answer.headers).toMatchObject({
      'content-length': String(answer.body.length),
      'accept-ranges': 'bytes',
      etag: `"${blob.digest}"`,
      'docker-content-digest': blob.digest,
    });
    expect(answer.headers).not.toHaveProperty('content-range');
    const type = 'Content-Type: application/octet-stream\r\nContent-Range: bytes';
    expect(partsOf(answer)).toEqual([
      { head: `${type} 200-299/100000`, body: blob.bytes.subarray(200, 300) },
      { head: `${type} 0-99/100000`, body: blob.bytes.subarray(0, 100) },
      { head: `${type} 99999-99999/100000`, body: blob.bytes.subarray(99_999) },
    ]);
  });

  it('does not join neighbours and overlaps: podman counts the parts', async () => {
    const answer = await get('bytes=0-9,10-19,15-24');

    expect(partsOf(answer).map(({ body }) => body)).toEqual([
      blob.bytes.subarray(0, 10),
      blob.bytes.subarray(10, 20),
      blob.bytes.subarray(15, 25),
    ]);
  });

  /** Table of contents first, at the end of the blob; then the missing files, ascending, some next to each other. */
  it('serves the two requests with which podman pulls a zstd:chunked layer in part', async () => {
    const contents = await get('bytes=99000-99935,99936-99999');
    expect(partsOf(contents).map(({ body }) => body.length)).toEqual([936, 64]);

    const starts = Array.from({ length: 1024 }, (_, index) => 50_000 + index * 40);
    const missing = await get(`bytes=${starts.map((start) => `${start}-${start + 29}`).join(',')}`);

    expect(missing.status).toBe(206);
    expect(Buffer.concat(partsOf(missing).map(({ body }) => body))).toEqual(
      Buffer.concat(starts.map((start) => blob.bytes.subarray(start, start + 30))),
    );
  });

  it('answers with one plain part when the others are not there', async () => {
    const answer = await get('bytes=100000-,5-9,200000-200001');

    expect([answer.status, answer.headers['content-type']]).toEqual([206, 'application/octet-stream']);
    expect(answer.headers['content-range']).toBe('bytes 5-9/100000');
    expect(answer.body).toEqual(blob.bytes.subarray(5, 10));
  });

  it('refuses with 416 when none is there', async () => {
    const answer = await get('bytes=100000-,200000-200001,-0');

    expect([answer.status, answer.code]).toEqual([416, 'BLOB_UPLOAD_INVALID']);
    expect(answer.headers['content-range']).toBe('bytes */100000');
  });

  it.each([
    ['more bytes than there are', 'bytes=0-99999,0-0'],
    ['many pieces to and fro', `bytes=${Array.from({ length: 65 }, (_, i) => `${900 - i}-${900 - i}`).join(',')}`],
    ['something that is no range', 'bytes=0-1,a-b'],
  ])('gives the whole for %s', async (_, range) => {
    const answer = await get(range);

    expect([answer.status, answer.body.length]).toEqual([200, 100_000]);
  });

  it('gives the whole when the ranges were meant for other content', async () => {
    expect((await get('bytes=0-1,4-5', { 'if-range': '"sha256:0"' })).status).toBe(200);
    expect((await get('bytes=0-1,4-5', { 'if-range': `"${blob.digest}"` })).status).toBe(206);
  });

  it('sends no body for HEAD', async () => {
    const answer = await lab.send('HEAD', url, { headers: { range: 'bytes=0-1,4-5' } });

    expect([answer.status, answer.headers['content-length'], answer.body.length]).toEqual([200, '100000', 0]);
  });

  it.each(['bytes=0-', 'bytes=0-16777215,16777216-33554431'])(
    'breaks the connection and says so in the log when bytes are lost on the way, for %s',
    async (range) => {
      const large = await lab.pushBlob('lab/ranges', randomBytes(32 << 20));
      const logged = registry.log.length;
      const request = lab.open('GET', `/v2/lab/ranges/blobs/${large.digest}`, { range });
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        request.on('response', resolve).on('error', reject).end();
      });
      // Nothing is read yet, so the server waits; by now it has sent no more than fits into the sockets.
      const hex = large.digest.slice('sha256:'.length);
      const file = path.join(registry.storeDirectory, 'blobs/sha256', hex.slice(0, 2), hex);
      await chmod(file, 0o644);
      await truncate(file, 1000);

      const received = (async () => {
        for await (const chunk of response) void chunk;
      })();

      await expect(received).rejects.toThrow('aborted');
      await expect.poll(() => registry.log.slice(logged)).toHaveLength(1);
      expect(registry.log.at(-1)).toContain('stored bytes do not match their digest');
    },
  );
});
