import http, { type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { whileReceiving } from './request-body.js';

const MINUTE = 60_000;

/** Receives one request whose client sends `abc` and then nothing. */
async function receive(work: (request: IncomingMessage) => Promise<unknown>): Promise<{ error: unknown }> {
  return await new Promise((resolve) => {
    const server = http.createServer((request) => {
      whileReceiving(request, () => work(request))
        .then(
          () => ({ error: null }),
          (error: unknown) => ({ error }),
        )
        .then((outcome) => {
          server.close();
          client.destroy();
          resolve(outcome);
        }, resolve);
    });
    let client: http.ClientRequest;
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      client = http.request({ port, host: '127.0.0.1', method: 'PUT', headers: { 'content-length': '10' } });
      client.on('error', () => {});
      client.write('abc');
    });
  });
}

describe('oci/request-body', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('ends a request whose client falls silent', async () => {
    const { error } = await receive(async (request) => {
      for await (const chunk of request) {
        expect(String(chunk)).toBe('abc');
        vi.advanceTimersByTime(MINUTE / 2);
        expect(request.destroyed).toBe(false);
        vi.advanceTimersByTime(MINUTE);
      }
    });

    expect(error).toMatchObject({ code: 'CLIENT_CLOSED_REQUEST', detail: { silentFor: MINUTE } });
  });

  it('waits for its own reader as long as that takes', async () => {
    const { error } = await receive(async (request) => {
      // The bytes are there, and nobody takes them.
      while (request.readableLength === 0) await new Promise((resolve) => setImmediate(resolve));
      vi.advanceTimersByTime(60 * MINUTE);
      expect(request.destroyed).toBe(false);
    });

    expect(error).toBe(null);
    expect(vi.getTimerCount()).toBe(0);
  });
});
