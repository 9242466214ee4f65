import type { ImageEnvironment } from '@envarium/environments';
import type { PackageFile } from '@envarium/schema';
import { describe, expect, it } from 'vitest';
import { coverageOf, type CoverageFacts } from './coverage.js';

const file = (path: string, more: Partial<PackageFile> = {}): PackageFile => ({
  path,
  digest: `sha256:${'0'.repeat(64)}`,
  size: 1,
  format: 'pip-requirements',
  packageCount: 1,
  secretCount: 0,
  message: null,
  line: null,
  ...more,
});
const IMAGE: ImageEnvironment = {
  image: 'sha256:image',
  platform: null,
  environmentDigest: 'sha256:environment',
  packageCount: 5,
  demands: null,
  failure: null,
};
const FACTS: CoverageFacts = {
  packageFiles: [],
  environmentDigest: null,
  hasImage: true,
  images: [IMAGE],
  gaps: new Map([['sha256:environment', { notUnderstood: [], notUnderstoodCount: 0, lookedFor: ['deb'] }]]),
};
const PLACE = {
  place: '/var/lib/rpm/Packages',
  line: null,
  reason: 'unsupported-installer',
  message: 'not read',
} as const;

describe('records/coverage', () => {
  it('is complete when the image was read and nothing in it was left out', () => {
    expect(coverageOf(FACTS)).toMatchObject({
      isComplete: true,
      sources: [{ kind: 'image', state: 'read', packageCount: 5, lookedFor: ['deb'] }],
      statement: expect.stringMatching(/^The image was read/),
    });
  });

  it.each<[string, Partial<CoverageFacts>, string]>([
    ['there is no image', { hasImage: false, images: [] }, 'there is no image to look into'],
    ['the image is not held', { images: [] }, 'the image is not held here'],
    ['the image is not read', { images: [{ ...IMAGE, environmentDigest: null }] }, 'the image is not read yet'],
    [
      'the image cannot be read',
      { images: [{ ...IMAGE, environmentDigest: null, failure: 'LAYER_INVALID: gzip-invalid' }] },
      'the image could not be read',
    ],
    [
      'one of two images is not read',
      { images: [IMAGE, { ...IMAGE, environmentDigest: null }] },
      'the image is not read yet',
    ],
    [
      'a file was not understood',
      { packageFiles: [file('a.txt', { format: null })] },
      '1 deposited file not understood',
    ],
    [
      'a file was understood in part',
      { packageFiles: [file('a.txt', { message: 'what is --pre' })] },
      'some files were understood only in part',
    ],
    [
      'a place in the image was not understood',
      {
        gaps: new Map([['sha256:environment', { notUnderstood: [PLACE], notUnderstoodCount: 1, lookedFor: [] }]]),
      },
      '1 place that should name packages not understood',
    ],
  ])('is not complete when %s, and says so', (_, more, words) => {
    const { isComplete, statement } = coverageOf({ ...FACTS, ...more });

    expect(isComplete).toBe(false);
    expect(statement).toMatch(/^What is not listed may still be in the environment: /);
    expect(statement).toContain(words);
  });

  it('says where each gap is, and no more than a hundred of them', () => {
    const many = Array.from({ length: 60 }, (_, i) => ({ ...PLACE, place: `/p${i}` }));
    const gaps = new Map([
      ['sha256:environment', { notUnderstood: many, notUnderstoodCount: 60, lookedFor: [] }],
      ['sha256:files', { notUnderstood: many, notUnderstoodCount: 70, lookedFor: [] }],
    ]);

    const { notUnderstood, notUnderstoodCount } = coverageOf({ ...FACTS, environmentDigest: 'sha256:files', gaps });

    expect([notUnderstood.length, notUnderstoodCount]).toEqual([100, 130]);
    expect([notUnderstood[0]?.source, notUnderstood.at(-1)?.source]).toEqual(['/p0', 'sha256:image']);
  });
});
