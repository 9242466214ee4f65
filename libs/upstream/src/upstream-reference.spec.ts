import { describe, expect, it } from 'vitest';
import { formatUpstreamReference, formatUpstreamRepository, parseUpstreamReference } from './upstream-reference.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('upstream/upstream-reference', () => {
  it.each([
    ['alpine', 'docker.io/library/alpine:latest', 'registry-1.docker.io'],
    ['docker://alpine:3', 'docker.io/library/alpine:3', 'registry-1.docker.io'],
    ['index.docker.io/lab/eeg', 'docker.io/lab/eeg:latest', 'registry-1.docker.io'],
    ['docker://registry.example.org/lab/eeg:v1', 'registry.example.org/lab/eeg:v1', 'registry.example.org'],
    ['registry.example.org:5000/a/b', 'registry.example.org:5000/a/b:latest', 'registry.example.org:5000'],
    ['localhost:5000/x', 'localhost:5000/x:latest', 'localhost:5000'],
    ['[::1]:5000/x/y', '[::1]:5000/x/y:latest', '[::1]:5000'],
    [`registry.example.org/a--b@${DIGEST}`, `registry.example.org/a--b@${DIGEST}`, 'registry.example.org'],
    [`registry.example.org/a:v1@${DIGEST}`, `registry.example.org/a:v1@${DIGEST}`, 'registry.example.org'],
  ])('reads %s as %s', (text, whole, apiHost) => {
    const reference = parseUpstreamReference(text);

    expect(formatUpstreamReference(reference)).toBe(whole);
    expect(reference.apiHost).toBe(apiHost);
    expect(parseUpstreamReference(whole)).toEqual(reference);
  });

  it('names the repository as a mirror', () => {
    const reference = parseUpstreamReference(`registry.example.org:5000/lab/eeg:v1@${DIGEST}`);

    expect(formatUpstreamRepository(reference)).toBe('registry.example.org:5000/lab/eeg');
  });

  it.each([
    ['', 'NAME_INVALID'],
    ['docker://', 'NAME_INVALID'],
    ['oci://registry.example.org/lab/eeg', 'NAME_INVALID'],
    ['https://registry.example.org/lab/eeg', 'NAME_INVALID'],
    ['user:password@registry.example.org/lab', 'DIGEST_INVALID'],
    ['registry.example.org/Lab/eeg', 'NAME_INVALID'],
    ['registry.example.org:99999/lab/eeg', 'NAME_INVALID'],
    ['1.2.3.4.5/lab/eeg', 'NAME_INVALID'],
    ['[:::]/lab/eeg', 'NAME_INVALID'],
    ['registry.example.org/lab/../eeg', 'NAME_INVALID'],
    ['registry.example.org/lab/eeg:..', 'TAG_INVALID'],
    ['registry.example.org/lab/eeg@sha256:abc', 'DIGEST_INVALID'],
  ])('refuses %j as %s', (text, code) => {
    expect(() => parseUpstreamReference(text)).toThrow(expect.objectContaining({ code }));
  });
});
