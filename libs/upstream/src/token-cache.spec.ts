import { describe, expect, it } from 'vitest';
import { TokenCache } from './token-cache.js';

const KEY = { realm: 'https://auth.example.org/token', service: 'registry', scope: 'repository:lab/eeg:pull' };

describe('upstream/token-cache', () => {
  let now = 0;
  const issuer = (expiresIn: number) => {
    let count = 0;
    return async () => ({ token: `t${++count}`, expiresIn });
  };

  it('keeps a token for four fifths of its life', async () => {
    const cache = new TokenCache(() => now);
    const issue = issuer(100);

    const tokens: string[] = [];
    for (now of [0, 79_999, 80_000, 159_999, 160_000]) tokens.push(await cache.get(KEY, issue));

    expect(tokens).toEqual(['t1', 't1', 't2', 't2', 't3']);
  });

  it('keeps tokens apart by realm, service and scope', async () => {
    const cache = new TokenCache(() => 0);
    const issue = issuer(100);

    const keys = [KEY, { ...KEY, realm: 'x' }, { ...KEY, service: 'x' }, { ...KEY, scope: 'x' }, KEY];

    expect(await Promise.all(keys.map((key) => cache.get(key, issue)))).toEqual(['t1', 't2', 't3', 't4', 't1']);
  });

  it('asks once for requests that come together', async () => {
    const cache = new TokenCache(() => 0);
    const issue = issuer(100);

    expect(await Promise.all([cache.get(KEY, issue), cache.get(KEY, issue)])).toEqual(['t1', 't1']);
  });

  it('exchanges a token that was refused, once', async () => {
    const cache = new TokenCache(() => 0);
    const issue = issuer(100);
    const stale = await cache.get(KEY, issue);

    expect(await Promise.all([cache.get(KEY, issue, stale), cache.get(KEY, issue, stale)])).toEqual(['t2', 't2']);
    expect(await cache.get(KEY, issue, stale)).toBe('t2');
  });

  it('does not keep a failure', async () => {
    const cache = new TokenCache(() => 0);

    await expect(cache.get(KEY, async () => Promise.reject(new Error('no')))).rejects.toThrow('no');

    expect(await cache.get(KEY, issuer(100))).toBe('t1');
  });
});
