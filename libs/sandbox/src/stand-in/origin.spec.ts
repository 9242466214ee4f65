import { describe, expect, it } from 'vitest';
import { destinationOf } from './origin.js';

const plain = { host: null, port: 80, isTls: false };
const secure = { host: 'a.example.org', port: 443, isTls: true };

describe('sandbox/stand-in/origin', () => {
  it.each([
    ['/x?y', 'a.example.org', plain, 'http://a.example.org:80', '/x?y'],
    ['/', 'a.example.org:8080', plain, 'http://a.example.org:80', '/'],
    ['/', 'B.example.org', secure, 'https://b.example.org:443', '/'],
    ['/', undefined, secure, 'https://a.example.org:443', '/'],
    ['//x', 'a.example.org', secure, 'https://a.example.org:443', '//x'],
    ['/', '[::1]', secure, 'https://[::1]:443', '/'],
    ['http://c.example.org:8080/x', 'd.example.org', plain, 'http://c.example.org:8080', '/x'],
    ['https://c.example.org?q', undefined, plain, 'https://c.example.org:443', '/?q'],
  ])('%s for %s', (url, host, target, origin, path) => {
    expect(destinationOf({ url, headers: host === undefined ? {} : { host } }, target)).toEqual({ origin, path });
  });

  it.each([
    ['/', undefined],
    ['/', 'a b'],
    ['/', 'user@a.example.org'],
    ['/', 'a.example.org:99999'],
    ['*', 'a.example.org'],
    ['http://user:secret@a.example.org/', 'a.example.org'],
  ])('cannot tell where %s of %s goes', (url, host) => {
    expect(destinationOf({ url, headers: host === undefined ? {} : { host } }, plain)).toBeNull();
  });
});
