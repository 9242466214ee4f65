import { describe, expect, it } from 'vitest';
import { CommandFailed } from '../failure.js';
import { chooseServer, normalizeServerUrl } from './connect.js';

const NOTHING = { serverUrl: null, token: null };
const FILE = { server: 'https://a.example.org', tokens: { 'https://a.example.org': 'token-of-a' } };

describe('cli/client/connect', () => {
  it('takes the local server, without a token, when nothing is said', () => {
    expect(chooseServer(NOTHING, null)).toEqual({ serverUrl: 'http://127.0.0.1:5080', token: null });
  });

  it('takes what was logged in to last', () => {
    expect(chooseServer(NOTHING, FILE)).toEqual({ serverUrl: 'https://a.example.org', token: 'token-of-a' });
  });

  it('never shows a saved token to another server', () => {
    const given = { serverUrl: 'https://b.example.org', token: null };

    expect(chooseServer(given, FILE)).toEqual({ serverUrl: 'https://b.example.org', token: null });
  });

  it('knows the same server in another spelling', () => {
    const given = { serverUrl: 'https://A.example.org:443/', token: null };

    expect(chooseServer(given, FILE)).toEqual({ serverUrl: 'https://a.example.org', token: 'token-of-a' });
  });

  it('prefers a token that is given', () => {
    expect(chooseServer({ serverUrl: null, token: 'mine' }, FILE).token).toBe('mine');
  });

  it.each(['envarium.example.org', 'ftp://example.org', 'localhost:5080', ''])('refuses %j as a server', (text) => {
    expect(() => normalizeServerUrl(text)).toThrow(CommandFailed);
  });
});
