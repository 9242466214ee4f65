import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect } from './__fixtures__/raw-tar.js';
import { tarRange } from './tar-range.js';
import { tarEntries, type TarInput } from './tar-writer.js';

describe('oci/tar-range', () => {
  const opened: unknown[] = [];
  const large = Buffer.from('0123456789'.repeat(100));
  const entries: TarInput[] = [
    { path: 'a/', type: 'directory' },
    { path: 'a/small', size: 3, body: Buffer.from('hi\n') },
    { path: 'é', size: 0 },
    {
      path: 'a/large',
      size: large.length,
      async *body(range) {
        opened.push(range);
        yield range === undefined ? large : large.subarray(range.start, range.end + 1);
      },
    },
  ];

  it('gives every part of the tar as it stands in the whole', async () => {
    const whole = await collect(tarEntries(entries));

    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(whole.length - 1), async (a, b) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        const part = await collect(tarRange(entries, { start, end }));
        expect(part.equals(whole.subarray(start, end + 1))).toBe(true);
      }),
      { numRuns: 300 },
    );
    expect(await collect(tarRange(entries, { start: 0, end: whole.length - 1 }))).toEqual(whole);
  });

  it('opens only what it gives, as a whole where it gives the whole', async () => {
    const start = 512 + 1024 + 1536 + 512;
    opened.length = 0;

    await collect(tarRange(entries, { start: 0, end: start - 1 }));
    await collect(tarRange(entries, { start, end: start + 999 }));
    await collect(tarRange(entries, { start: start + 10, end: start + 5000 }));

    expect(opened).toEqual([undefined, { start: 10, end: 999 }]);
  });

  it.each([9, 11])('refuses a body of %i bytes that should have 10', async (length) => {
    const body = async function* () {
      yield Buffer.alloc(length);
    };

    await expect(collect(tarRange([{ path: 'a', size: 10, body }], { start: 0, end: 2000 }))).rejects.toMatchObject({
      code: 'SIZE_INVALID',
    });
  });
});
