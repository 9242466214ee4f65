import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAuthority, Issuer } from './authority.js';

describe('sandbox/stand-in/authority', () => {
  it.each([
    ['pypi.example.org', 'DNS:pypi.example.org'],
    ['127.0.0.1', 'IP Address:127.0.0.1'],
    ['::1', 'IP Address:0:0:0:0:0:0:0:1'],
  ])('issues a certificate for %s that holds at any clock', async (name, alternative) => {
    const authority = await createAuthority();

    const leaf = new X509Certificate((await (await Issuer.open(authority)).issue(name)).certificate);
    const issuer = new X509Certificate(authority.certificate);

    expect(leaf.subjectAltName).toBe(alternative);
    expect(leaf.checkIssued(issuer) && leaf.verify(issuer.publicKey)).toBe(true);
    expect([leaf.ca, issuer.ca]).toEqual([false, true]);
    expect([leaf.validFrom, issuer.validTo]).toEqual(['Jan  1 00:00:00 2000 GMT', 'Jan  1 00:00:00 2100 GMT']);
  });

  it('has another name each time', async () => {
    const [one, other] = await Promise.all([createAuthority(), createAuthority()]);

    expect(new X509Certificate(one.certificate).subject).not.toBe(new X509Certificate(other.certificate).subject);
  });
});
