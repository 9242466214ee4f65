import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOciUrl, parseOciPath } from './oci-route.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('oci/oci-route', () => {
  it.each([
    ['/v2', { endpoint: 'base' }],
    ['/v2/', { endpoint: 'base' }],
    ['/v2/?x=/y', { endpoint: 'base' }],
    ['/v2/_catalog?n=1', { endpoint: 'catalog' }],
    ['/v2/lab/eeg/tags/list', { endpoint: 'tags', name: 'lab/eeg', reference: '' }],
    ['/v2/lab/eeg/manifests/v1', { endpoint: 'manifest', name: 'lab/eeg', reference: 'v1' }],
    [`/v2/lab/eeg/blobs/${DIGEST}`, { endpoint: 'blob', name: 'lab/eeg', reference: DIGEST }],
    [`/v2/lab/eeg/blobs/${DIGEST.replace(':', '%3A')}`, { endpoint: 'blob', name: 'lab/eeg', reference: DIGEST }],
    ['/v2/lab/eeg/blobs/uploads/', { endpoint: 'uploads', name: 'lab/eeg', reference: '' }],
    ['/v2/lab/eeg/blobs/uploads', { endpoint: 'uploads', name: 'lab/eeg', reference: '' }],
    ['/v2/lab/eeg/blobs/uploads/1-2?digest=x', { endpoint: 'upload', name: 'lab/eeg', reference: '1-2' }],
    [`/v2/lab/eeg/referrers/${DIGEST}`, { endpoint: 'referrers', name: 'lab/eeg', reference: DIGEST }],
    ['/v2/a/manifests/b/manifests/v1', { endpoint: 'manifest', name: 'a/manifests/b', reference: 'v1' }],
    ['/v2/a/tags/list/tags/list', { endpoint: 'tags', name: 'a/tags/list', reference: '' }],
  ])('reads %s', (url, path) => {
    expect(parseOciPath(url)).toEqual(path);
  });

  it('finds any repository name again, whatever words of the paths it holds', () => {
    const component = fc.oneof(
      fc.stringMatching(/^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/),
      fc.constantFrom('manifests', 'blobs', 'uploads', 'tags', 'list', 'referrers'),
    );
    const name = fc.array(component, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(
        name.filter((text) => text.length <= 255),
        (text) => {
          expect(parseOciPath(`/v2/${text}/manifests/v1`)).toEqual({
            endpoint: 'manifest',
            name: text,
            reference: 'v1',
          });
          expect(parseOciPath(`/v2/${text}/tags/list`)).toEqual({ endpoint: 'tags', name: text, reference: '' });
        },
      ),
    );
  });

  it.each([
    '/v2/Lab/tags/list',
    '/v2//tags/list',
    '/v2/lab/../x/tags/list',
    '/v2/lab%2Fx/tags/list',
    '/v2/lab/manifests/manifests//v1',
  ])('refuses %s', (url) => {
    expect(() => parseOciPath(url)).toThrow(/invalid repository name|nothing is here/);
  });

  it('knows what it must answer', () => {
    expect(['/v2', '/v2/', '/v2?x', '/v2/%zz'].map(isOciUrl)).toEqual([true, true, true, true]);
    expect(['/', '/v20', '/api/v2/', '/v1'].map(isOciUrl)).toEqual([false, false, false, false]);
  });
});
