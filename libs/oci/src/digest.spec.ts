import { describe, expect, it } from 'vitest';
import {
  createDigester,
  digestAlgorithm,
  digestEncoded,
  digestOf,
  DigestString,
  isDigest,
  parseDigest,
} from './digest.js';

// FIPS 180-2, appendix B.1 and C.1: the digests of "abc".
const ABC_SHA256 = 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const ABC_SHA512 =
  'sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f';
const ABC = new TextEncoder().encode('abc');

describe('oci/digest', () => {
  it('gives the published test vectors', () => {
    expect(digestOf(ABC)).toBe(ABC_SHA256);
    expect(digestOf(ABC, 'sha512')).toBe(ABC_SHA512);
  });

  it('gives the same digest for a stream in pieces, and counts the bytes', () => {
    const digester = createDigester('sha512');

    for (const byte of ABC) digester.update(Uint8Array.of(byte));

    expect(digester.size).toBe(3);
    expect(digester.digest()).toBe(ABC_SHA512);
  });

  it('takes a digest apart', () => {
    expect(digestAlgorithm(parseDigest(ABC_SHA512))).toBe('sha512');
    expect(digestAlgorithm(parseDigest(ABC_SHA256))).toBe('sha256');
    expect(digestEncoded(parseDigest(ABC_SHA256))).toBe(ABC_SHA256.slice(7));
  });

  it.each([
    ['', 'malformed'],
    ['sha256', 'malformed'],
    ['sha256:', 'malformed'],
    ['sha256:baddigeststring', 'malformed'],
    [ABC_SHA256.toUpperCase(), 'malformed'],
    [ABC_SHA256.replace('ba78', 'BA78'), 'malformed'],
    [`${ABC_SHA256}\n`, 'malformed'],
    [` ${ABC_SHA256}`, 'malformed'],
    [ABC_SHA256.slice(0, -1), 'malformed'],
    [ABC_SHA256.replace('sha256', 'sha512'), 'malformed'],
    ['blake3:' + 'a'.repeat(64), 'unsupported-algorithm'],
    ['md5:900150983cd24fb0d6963f7d28e17f72', 'unsupported-algorithm'],
    ['sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564', 'unsupported-algorithm'],
  ])('refuses %j as %s', (text, reason) => {
    expect(() => parseDigest(text)).toThrow(
      expect.objectContaining({ code: 'DIGEST_INVALID', detail: { digest: text, reason } }),
    );
    expect(isDigest(text)).toBe(false);
    expect(DigestString.safeParse(text).success).toBe(false);
  });

  it('keeps the detail of a refusal short', () => {
    expect(() => parseDigest('a'.repeat(100_000))).toThrow(
      expect.objectContaining({ detail: { digest: 'a'.repeat(200), reason: 'malformed' } }),
    );
  });
});
