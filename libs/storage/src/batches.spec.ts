import { describe, expect, it } from 'vitest';
import { Batches, BufferPool } from './batches.js';

describe('storage/batches', () => {
  it('delivers what came in, in order, in whole batches and a rest', async () => {
    const delivered: string[] = [];
    const batches = new Batches(new BufferPool(4, 2), 2, async (batch) => {
      delivered.push(batch.toString());
    });

    for (const chunk of ['ab', 'cdefghijk', '', 'lm']) await batches.write(Buffer.from(chunk));
    await batches.settle();

    expect({ delivered, rest: batches.rest().toString() }).toEqual({ delivered: ['abcd', 'efgh', 'ijkl'], rest: 'm' });
    await batches.release();
  });

  it('asks to wait while all buffers are on their way', async () => {
    let resolve = (): void => undefined;
    const promise = new Promise<void>((settle) => {
      resolve = settle;
    });
    const batches = new Batches(new BufferPool(4, 2), 2, () => promise);

    const atOnce = [batches.write(Buffer.from('aaaa')), batches.write(Buffer.from('bbbb'))];
    const later = batches.write(Buffer.from('c'));

    expect(atOnce).toEqual([undefined, undefined]);
    expect(await Promise.race([later, Promise.resolve('waiting')])).toBe('waiting');
    resolve();
    await later;
    expect(batches.rest().toString()).toBe('c');
    await batches.release();
  });

  it('passes a failed delivery on to the writer, and to whoever settles', async () => {
    const broken = new Error('broken');
    const batches = new Batches(new BufferPool(4, 1), 1, () => Promise.reject(broken));

    void batches.write(Buffer.from('aaaa'));

    await expect(batches.write(Buffer.from('b'))).rejects.toBe(broken);
    await expect(batches.settle()).rejects.toBe(broken);
    await batches.release();
  });
});
