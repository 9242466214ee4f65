import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDigest } from './digest.js';
import { formatReference, isTag, parseReference, parseRepositoryName, parseTag, RepositoryName } from './reference.js';

const DIGEST = 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

describe('oci/reference', () => {
  it.each([
    ['env', null, 'env', null, null],
    ['lab/eeg-analysis', null, 'lab/eeg-analysis', null, null],
    ['lab/eeg:v3', null, 'lab/eeg', 'v3', null],
    ['env:5000', null, 'env', '5000', null],
    ['registry.example.org/lab/eeg', 'registry.example.org', 'lab/eeg', null, null],
    ['registry.example.org:5000/lab/eeg:v3', 'registry.example.org:5000', 'lab/eeg', 'v3', null],
    ['localhost/eeg', 'localhost', 'eeg', null, null],
    ['localhost:80/eeg', 'localhost:80', 'eeg', null, null],
    ['Host/eeg', 'Host', 'eeg', null, null],
    ['127.0.0.1:5000/eeg', '127.0.0.1:5000', 'eeg', null, null],
    ['[2001:db8::1]:5000/eeg:v1', '[2001:db8::1]:5000', 'eeg', 'v1', null],
    [`lab/eeg@${DIGEST}`, null, 'lab/eeg', null, DIGEST],
    [`registry.example.org/a/b/c:v3.record@${DIGEST}`, 'registry.example.org', 'a/b/c', 'v3.record', DIGEST],
  ])('reads %s', (text, host, repository, tag, digest) => {
    const reference = parseReference(text);

    expect(reference).toEqual({ host, repository, tag, digest });
    expect(formatReference(reference)).toBe(text);
  });

  it.each([
    ['', 'NAME_INVALID'],
    ['/eeg', 'NAME_INVALID'],
    ['lab//eeg', 'NAME_INVALID'],
    ['lab/../eeg', 'NAME_INVALID'],
    ['lab/eeg/', 'NAME_INVALID'],
    ['lab/EEG', 'NAME_INVALID'],
    ['registry.example.org:port/eeg', 'NAME_INVALID'],
    ['-host.example.org/eeg', 'NAME_INVALID'],
    ['https://registry.example.org/eeg', 'NAME_INVALID'],
    ['lab/eeg:', 'TAG_INVALID'],
    ['lab/eeg:.hidden', 'TAG_INVALID'],
    ['lab/eeg:a:b', 'TAG_INVALID'],
    ['lab/eeg@', 'DIGEST_INVALID'],
    ['lab/eeg@sha256:abc', 'DIGEST_INVALID'],
    [`lab/eeg@${DIGEST}@${DIGEST}`, 'DIGEST_INVALID'],
    [`lab/eeg@${DIGEST}:v3`, 'DIGEST_INVALID'],
  ])('refuses %j with %s', (text, code) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code }));
  });

  it.each(['a', '0', 'a.b', 'a_b', 'a__b', 'a-b', 'a---b', 'lab/a.b_c__d-e', 'a'.repeat(255)])(
    'takes the name %s',
    (name) => {
      expect(parseRepositoryName(name)).toBe(name);
    },
  );

  it.each(['', 'A', '-a', 'a-', 'a..b', 'a___b', 'a._b', 'a/', '/a', 'a//b', 'a b', 'ä', 'a\n', 'a'.repeat(256)])(
    'refuses the name %j',
    (name) => {
      expect(() => parseRepositoryName(name)).toThrow(expect.objectContaining({ code: 'NAME_INVALID' }));
    },
  );

  it('counts host and name together', () => {
    const host = 'registry.example.org';
    const longest = 'a'.repeat(255 - host.length - 1);

    expect(parseReference(`${host}/${longest}`).repository).toBe(longest);
    expect(() => parseReference(`${host}/${longest}a`)).toThrow(expect.objectContaining({ code: 'NAME_INVALID' }));
  });

  it('answers fast on a name made to be matched slowly', () => {
    const started = performance.now();

    expect(RepositoryName.safeParse(`${'a-'.repeat(200_000)}!`).success).toBe(false);
    expect(RepositoryName.safeParse(`${'-'.repeat(200)}a`.repeat(1000)).success).toBe(false);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it.each([
    ['v1', true],
    ['_1', true],
    ['A.b-C_d', true],
    ['a'.repeat(128), true],
    ['a'.repeat(129), false],
    ['', false],
    ['.a', false],
    ['-a', false],
    ['a/b', false],
    ['a\n', false],
    [3, false],
  ])('isTag(%j) is %s', (value, expected) => {
    expect(isTag(value)).toBe(expected);
  });

  it('does not write a name that would be read back as a host', () => {
    const reference = { host: null, repository: parseRepositoryName('my.lab/env'), tag: null, digest: null };

    expect(() => formatReference(reference)).toThrow(
      expect.objectContaining({ code: 'NAME_INVALID', detail: { name: 'my.lab/env', reason: 'ambiguous-host' } }),
    );
  });

  it('parse(format(reference)) is the reference', () => {
    const component = fc.stringMatching(/^[a-z0-9]{1,6}(?:(?:\.|_|__|-{1,3})[a-z0-9]{1,6}){0,2}$/);
    const repository = fc
      .array(component, { minLength: 1, maxLength: 4 })
      .map((components) => parseRepositoryName(components.join('/')));
    const host = fc.oneof(
      fc.stringMatching(/^[a-z0-9]{1,8}\.[a-z]{2,4}(?::[0-9]{1,5})?$/),
      fc.constantFrom('localhost', 'localhost:5000', '[::1]:5000', '[2001:db8::7]', '10.0.0.1'),
    );
    const reference = fc
      .record({
        host: fc.option(host),
        repository,
        tag: fc.option(fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/).map(parseTag)),
        digest: fc.option(fc.stringMatching(/^sha256:[0-9a-f]{64}$/).map(parseDigest)),
      })
      .filter(({ host: given, repository: name }) => given !== null || !/^(?:[^/]*\.[^/]*|localhost)\//.test(name));

    fc.assert(
      fc.property(reference, (value) => {
        expect(parseReference(formatReference(value))).toEqual(value);
      }),
    );
  });

  it('format(parse(text)) is the text, for any text that parses', () => {
    const part = fc.constantFrom(
      'a',
      'lab',
      'my.lab',
      'localhost',
      'Host',
      '/',
      '//',
      ':',
      ':80',
      ':v1',
      '@',
      `@${DIGEST}`,
      '.',
      '-',
      '_',
    );

    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const text = parts.join('');
        let reference;
        try {
          reference = parseReference(text);
        } catch {
          return;
        }
        expect(formatReference(reference)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });
});
