import { describe, expect, it } from 'vitest';
import { isRegistryToken, readRegistryToken, signRegistryToken } from './registry-token.js';

const SECRET = 'a-secret-of-at-least-32-characters';
const NOW = new Date('2026-03-01T12:00:00.900Z');
const CLAIMS = { sub: 'ada', access: [{ name: 'lab/eeg', actions: ['pull' as const, 'push' as const] }] };
const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);

describe('access/registry-token', () => {
  it('reads back what it signed', () => {
    const token = signRegistryToken(CLAIMS, SECRET, NOW);

    expect(readRegistryToken(token, SECRET, NOW)).toEqual({ ...CLAIMS, iat: 1_772_366_400, exp: 1_772_367_300 });
    expect(isRegistryToken(token)).toBe(true);
  });

  it('signs a token of nobody', () => {
    const token = signRegistryToken({ sub: null, access: [] }, SECRET, NOW);

    expect(readRegistryToken(token, SECRET, NOW)).toMatchObject({ sub: null, access: [] });
  });

  it('holds for 15 minutes and not a second longer', () => {
    const token = signRegistryToken(CLAIMS, SECRET, NOW);

    expect(readRegistryToken(token, SECRET, later(899))).not.toBeNull();
    expect(readRegistryToken(token, SECRET, later(900))).toBeNull();
  });

  it('refuses the token of another installation', () => {
    const token = signRegistryToken(CLAIMS, 'another-secret-of-32-characters-or-so', NOW);

    expect(readRegistryToken(token, SECRET, NOW)).toBeNull();
  });

  it('refuses claims that were changed, even if they are no JSON', () => {
    const [prefix = '', body = '', signature = ''] = signRegistryToken(CLAIMS, SECRET, NOW).split('.');
    const text = Buffer.from(body, 'base64url').toString();
    const forged = Buffer.from(text.replace('"ada"', '"admin"')).toString('base64url');

    for (const other of [forged, 'bm8tanNvbg', '', `${body}A`]) {
      expect(readRegistryToken(`${prefix}.${other}.${signature}`, SECRET, NOW)).toBeNull();
    }
  });

  it('refuses every change of one character', () => {
    const token = signRegistryToken(CLAIMS, SECRET, NOW);

    const survivors = token.split('').flatMap((character, i) => {
      const other = character === 'x' ? 'y' : 'x';
      const changed = token.slice(0, i) + other + token.slice(i + 1);
      return readRegistryToken(changed, SECRET, NOW) === null ? [] : [changed];
    });

    expect(survivors).toEqual([]);
  });

  it.each(['', 'envr', 'envr.', 'envr..', 'envr.a.b', 'envr.a.b.c', 'env_secret', 'a.b.c'])('refuses %j', (token) => {
    expect(readRegistryToken(token, SECRET, NOW)).toBeNull();
  });

  it('does not take an access token for one of its own', () => {
    expect(isRegistryToken('env_abcdefgh')).toBe(false);
  });
});
