import { PassThrough, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { pour } from './byte-source.js';

describe('storage/byte-source', () => {
  it.each([
    ['a stream', () => Readable.from([Buffer.from('ab'), Buffer.from('c')])],
    ['a generator', () => chunks('ab', 'c')],
  ])('pours %s, and is done when the sink is done with the last chunk', async (_name, build) => {
    const done: string[] = [];

    await pour(build(), async (chunk) => {
      await sleep(5);
      done.push(Buffer.from(chunk).toString());
    });

    expect(done).toEqual(['ab', 'c']);
  });

  it('waits for a busy sink before it tells that the stream broke', async () => {
    const source = new PassThrough();
    const broken = new Error('reset');
    const done: string[] = [];

    source.write('ab');
    const pouring = pour(source, async (chunk) => {
      source.destroy(broken);
      await sleep(5);
      done.push(Buffer.from(chunk).toString());
    });

    await expect(pouring).rejects.toBe(broken);
    expect(done).toEqual(['ab']);
  });

  it('destroys a stream that the sink refuses', async () => {
    const source = Readable.from([Buffer.from('ab'), Buffer.from('c')]);
    const refusal = new Error('too large');

    const pouring = pour(source, () => {
      throw refusal;
    });

    await expect(pouring).rejects.toBe(refusal);
    expect(source.destroyed).toBe(true);
  });

  it('tells a stream that was closed too early from one that ended', async () => {
    const source = new PassThrough();
    source.write('ab');

    const pouring = pour(source, () => {
      source.destroy();
      return undefined;
    });

    await expect(pouring).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
  });
});

async function* chunks(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}
