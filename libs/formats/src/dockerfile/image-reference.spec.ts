import { describe, expect, it } from 'vitest';
import { imagePurl, parseImageReference } from './image-reference.js';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('formats/dockerfile/image-reference', () => {
  it.each([
    ['debian', null, 'debian', null, null],
    ['debian:12', null, 'debian', '12', null],
    ['lab/eeg:v1', null, 'lab/eeg', 'v1', null],
    ['localhost/eeg', 'localhost', 'eeg', null, null],
    ['reg.example.org:5000/lab/eeg:v1', 'reg.example.org:5000', 'lab/eeg', 'v1', null],
    [`reg.example.org/eeg:v1@${DIGEST}`, 'reg.example.org', 'eeg', 'v1', DIGEST],
    [`debian@${DIGEST}`, null, 'debian', null, DIGEST],
  ])('parses %s', (text, registry, repository, tag, digest) => {
    expect(parseImageReference(text)).toEqual({ registry, repository, tag, digest });
  });

  it.each(['', 'Debian', 'debian:', 'debian:-x', 'debian@sha256:short', '/debian', '{{ base }}', 'a b'])(
    'refuses %j',
    (text) => {
      expect(parseImageReference(text)).toBeNull();
    },
  );

  it.each([
    ['debian:12', 'pkg:docker/debian@12'],
    ['debian', 'pkg:docker/debian'],
    ['lab/eeg:v1', 'pkg:docker/lab/eeg@v1'],
    ['reg.example.org/lab/eeg:v1', 'pkg:docker/lab/eeg@v1?repository_url=reg.example.org'],
    [`debian:12@${DIGEST}`, `pkg:oci/debian@${DIGEST}?tag=12`],
    [`reg.example.org/lab/eeg@${DIGEST}`, `pkg:oci/eeg@${DIGEST}?repository_url=reg.example.org%2Flab%2Feeg`],
  ])('names %s by content when a digest is known, else by place', (text, purl) => {
    const reference = parseImageReference(text);

    expect(reference === null ? null : imagePurl(reference)).toBe(purl);
  });
});
