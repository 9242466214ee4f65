import { ANONYMOUS, type Principal } from '@envarium/access';
import { describe, expect, it } from 'vitest';
import { Followers } from './followers.js';

const account = (name: string): Principal => ({ kind: 'account', accountId: 1n, name, isAdmin: false });

describe('server/jobs/followers', () => {
  it('counts accounts apart, the anonymous together, and all of them', () => {
    const followers = new Followers({ everybody: 4, anonymous: 1, account: 2 });
    const leave = followers.enter(account('ana'));
    followers.enter(account('ana'));
    followers.enter(ANONYMOUS);

    expect(() => followers.enter(account('ana'))).toThrow('too many requests');
    expect(() => followers.enter(ANONYMOUS)).toThrow('too many requests');
    followers.enter(account('anonymous'));
    expect(() => followers.enter(account('zoe'))).toThrow('too many requests');

    leave();
    followers.enter(account('ana'));
    expect(() => followers.enter(account('ana'))).toThrow('too many requests');
  });
});
