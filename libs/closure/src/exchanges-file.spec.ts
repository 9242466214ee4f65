import type { Exchange } from '@envarium/schema';
import { describe, expect, it } from 'vitest';
import { decodeExchanges, encodeExchanges } from './exchanges-file.js';

const exchange = (url: string, more: Partial<Exchange> = {}): Exchange => ({
  method: 'GET',
  url,
  request: {},
  requestDigest: null,
  status: 404,
  headers: {},
  digest: null,
  size: 0,
  ...more,
});

describe('closure/exchanges-file', () => {
  it('gives the same bytes for the same exchanges', () => {
    const a = exchange('https://a.example.org/', { headers: { etag: '"1"', 'content-type': 'text/html' } });
    const b = exchange('https://b.example.org/', { request: { accept: 'x' } });
    const turned = { ...a, headers: { 'content-type': 'text/html', etag: '"1"' } };

    expect(encodeExchanges([b, a])).toEqual(encodeExchanges([turned, b]));
    expect(encodeExchanges([a]).toString()).toBe(
      '{"method":"GET","url":"https://a.example.org/","request":{},"requestDigest":null,"status":404,' +
        '"headers":{"content-type":"text/html","etag":"\\"1\\""},"digest":null,"size":0}\n',
    );
  });

  it('reads what it wrote', () => {
    const exchanges = [
      exchange('https://a.example.org/?q=%20'),
      exchange('https://b.example.org/', { method: 'HEAD' }),
    ];

    expect(decodeExchanges(encodeExchanges(exchanges))).toEqual(exchanges);
    expect(decodeExchanges(Buffer.alloc(0))).toEqual([]);
  });

  it.each([
    ['{"method":"GET"}\n', 1],
    ['\n', 1],
    [`${JSON.stringify(exchange('https://a.example.org/'))}\nnonsense\n`, 2],
    [`${JSON.stringify(exchange('not absolute'))}\n`, 1],
    [JSON.stringify(exchange('https://a.example.org/')), 0],
  ])('refuses %j', (text, line) => {
    expect(() => decodeExchanges(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'CLOSURE_INCOMPLETE', detail: expect.objectContaining({ line }) }),
    );
  });
});
