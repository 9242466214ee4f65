import { describe, expect, it } from 'vitest';
import { presentImage } from './image.presenter.js';

const MANIFEST = { digest: 'sha256:m', mediaType: 'application/x', blob: { size: 500n } };
const CONTENT = { mediaType: 'application/y', size: 5_000_000_000n, platform: null };

describe('registry/image.presenter', () => {
  it('keeps the order of layers and takes sizes beyond 32 bits', () => {
    const image = presentImage({
      ...MANIFEST,
      kind: 'image',
      references: [
        { ...CONTENT, kind: 'config', digest: 'sha256:c', size: 7n },
        { ...CONTENT, kind: 'layer', digest: 'sha256:2' },
        { ...CONTENT, kind: 'layer', digest: 'sha256:1' },
      ],
    });

    expect(image).toEqual({
      digest: 'sha256:m',
      mediaType: 'application/x',
      kind: 'image',
      size: 500,
      config: { mediaType: 'application/y', digest: 'sha256:c', size: 7, platform: null },
      layers: [
        { mediaType: 'application/y', digest: 'sha256:2', size: 5_000_000_000, platform: null },
        { mediaType: 'application/y', digest: 'sha256:1', size: 5_000_000_000, platform: null },
      ],
      manifests: [],
    });
  });

  it.each([
    [
      { architecture: 'arm64', os: 'linux', variant: 'v8' },
      { architecture: 'arm64', os: 'linux', variant: 'v8' },
    ],
    [
      { architecture: 'amd64', os: 'linux', 'os.version': '1' },
      { architecture: 'amd64', os: 'linux', variant: null },
    ],
    [{ architecture: 5 }, null],
    ['amd64', null],
  ])('presents the platform %j of an image in an index', (platform, presented) => {
    const child = { ...CONTENT, kind: 'child' as const, digest: 'sha256:i', platform };

    const image = presentImage({ ...MANIFEST, kind: 'index', references: [child] });

    expect(image.config).toBeNull();
    expect(image.manifests.map((each) => each.platform)).toEqual([presented]);
  });
});
