import { describe, expect, it } from 'vitest';
import type { Platform } from './descriptor.js';
import { formatPlatform, parsePlatform, selectPlatform } from './platform.js';

const candidate = (text: string | null, digest = text ?? 'none') => ({
  platform: text === null ? null : parsePlatform(text),
  digest,
});
const select = (wanted: string, ...available: (string | null)[]): string =>
  selectPlatform(
    available.map((text) => candidate(text)),
    parsePlatform(wanted),
  ).digest;

describe('oci/platform', () => {
  it.each<[string, Platform]>([
    ['linux/amd64', { os: 'linux', architecture: 'amd64' }],
    ['linux/arm/v7', { os: 'linux', architecture: 'arm', variant: 'v7' }],
    ['linux/mips64le', { os: 'linux', architecture: 'mips64le' }],
  ])('reads %s and writes it again', (text, platform) => {
    expect(parsePlatform(text)).toEqual(platform);
    expect(formatPlatform(platform)).toBe(text);
  });

  it.each(['', 'linux', 'linux/', '/amd64', 'linux/amd64/', 'Linux/amd64', 'linux/amd64/v1/x', 'linux/../x', 'a"/b'])(
    'refuses %j',
    (text) => {
      expect(() => parsePlatform(text)).toThrow('the request is not valid');
    },
  );

  it.each([
    ['linux/arm64', ['linux/amd64', 'linux/arm64/v8'], 'linux/arm64/v8'],
    ['linux/arm64/v8', ['linux/amd64', 'linux/arm64'], 'linux/arm64'],
    ['linux/arm', ['linux/arm/v6', 'linux/arm/v7'], 'linux/arm/v7'],
    ['linux/arm', ['linux/arm/v6', 'linux/amd64'], 'linux/arm/v6'],
    ['linux/amd64', ['linux/amd64/v3', 'linux/amd64'], 'linux/amd64'],
    ['linux/amd64/v3', ['linux/amd64/v3', 'linux/amd64', null], 'linux/amd64/v3'],
  ])('finds %s among %j', (wanted, available, found) => {
    expect(select(wanted, ...available)).toBe(found);
  });

  it.each([
    ['linux/s390x', ['linux/amd64', null]],
    ['windows/amd64', ['linux/amd64']],
    ['linux/arm/v6', ['linux/arm/v7']],
    ['linux/arm/v8', []],
    ['linux/amd64', [null]],
  ])('does not take another for %s among %j', (wanted, available) => {
    expect(() => select(wanted, ...available)).toThrow('the image is not for this platform');
  });

  it('does not choose between two of one platform, and says which there are', () => {
    const two = [candidate('windows/amd64', 'sha256:1'), candidate('windows/amd64', 'sha256:2')];

    expect(() => selectPlatform(two, parsePlatform('windows/amd64'))).toThrow(
      expect.objectContaining({
        code: 'PLATFORM_UNKNOWN',
        detail: {
          platform: 'windows/amd64',
          reason: 'ambiguous',
          available: [
            { platform: 'windows/amd64', digest: 'sha256:1' },
            { platform: 'windows/amd64', digest: 'sha256:2' },
          ],
        },
      }),
    );
    expect(() => selectPlatform([candidate('a/b', '1'), candidate('a/b', '1')], parsePlatform('a/b'))).not.toThrow();
  });
});
