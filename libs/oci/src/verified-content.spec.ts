import { describe, expect, it } from 'vitest';
import { collect, inChunks } from './__fixtures__/raw-tar.js';
import { digestOf } from './digest.js';
import { verifyBytes, verifyContent } from './verified-content.js';

const BYTES = Buffer.from('0123456789');

describe('oci/verified-content', () => {
  it.each(['sha256', 'sha512'] as const)('passes on content that is what its %s claims', async (algorithm) => {
    const claim = { digest: digestOf(BYTES, algorithm), size: 10 };

    expect(await collect(verifyContent(inChunks(BYTES, 3), claim))).toEqual(BYTES);
    expect(
      await collect(verifyContent(inChunks(Buffer.alloc(0)), { digest: digestOf(Buffer.alloc(0)), size: 0 })),
    ).toHaveLength(0);
  });

  it('fails before the last bytes of wrong content are out', async () => {
    const claim = { digest: digestOf(Buffer.from('012345678X')), size: 10 };
    const passed: Buffer[] = [];

    const reading = (async () => {
      for await (const chunk of verifyContent(inChunks(BYTES, 4), claim)) passed.push(Buffer.from(chunk));
    })();

    await expect(reading).rejects.toMatchObject({
      code: 'DIGEST_INVALID',
      detail: { expected: claim.digest, actual: digestOf(BYTES) },
    });
    expect(Buffer.concat(passed).toString()).toBe('01234567');
  });

  it('stops reading at the first byte too many', async () => {
    let given = 0;
    async function* endless() {
      for (;;) {
        given += 1;
        yield BYTES;
      }
    }

    await expect(collect(verifyContent(endless(), { digest: digestOf(BYTES), size: 10 }))).rejects.toMatchObject({
      code: 'SIZE_INVALID',
      detail: { expected: 10, actual: 20 },
    });
    expect(given).toBe(2);
  });

  it('fails on missing bytes', async () => {
    await expect(collect(verifyContent(inChunks(BYTES), { digest: digestOf(BYTES), size: 11 }))).rejects.toMatchObject({
      code: 'SIZE_INVALID',
      detail: { expected: 11, actual: 10 },
    });
  });

  it('checks bytes in memory', () => {
    expect(() => verifyBytes(BYTES, { digest: digestOf(BYTES), size: 9 })).toThrow(
      expect.objectContaining({ code: 'SIZE_INVALID' }),
    );
    expect(() => verifyBytes(BYTES, { digest: digestOf(Buffer.from('x')), size: 10 })).toThrow(
      expect.objectContaining({ code: 'DIGEST_INVALID' }),
    );
    expect(() => verifyBytes(BYTES, { digest: digestOf(BYTES), size: 10 })).not.toThrow();
  });
});
