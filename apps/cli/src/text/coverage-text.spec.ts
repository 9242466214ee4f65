import type { EnvironmentCoverage } from '@envarium/schema';
import { describe, expect, it } from 'vitest';
import { coverageLines } from './coverage-text.js';

const COVERAGE: EnvironmentCoverage = {
  isComplete: false,
  statement: 'What is not listed may still be in the environment: the image is not read yet.',
  sources: [
    {
      kind: 'package-file',
      name: 'requirements.txt',
      platform: null,
      state: 'read',
      environmentDigest: null,
      packageCount: 2,
      lookedFor: [],
      asks: [],
      message: null,
    },
    {
      kind: 'image',
      name: 'sha256:a',
      platform: 'linux/arm64',
      state: 'partly-read',
      environmentDigest: 'sha256:e',
      packageCount: 1,
      lookedFor: ['deb'],
      asks: ['Linux 3.2.0 or newer (/lib64/libc.so.6)'],
      message: '12 places in it that should name packages not understood',
    },
  ],
  notUnderstood: Array.from({ length: 12 }, (_, i) => ({
    source: 'sha256:a',
    place: `/p${i}`,
    line: i === 0 ? 7 : null,
    reason: 'syntax-invalid' as const,
    message: 'not understood',
  })),
  notUnderstoodCount: 12,
};

describe('cli/text/coverage-text', () => {
  it('says what is known of images, and the first places that are not', () => {
    const lines = coverageLines(COVERAGE);

    expect(lines.slice(0, 4)).toEqual([
      'What is not listed may still be in the environment: the image is not read yet.',
      '  image for linux/arm64: read in part, 1 package, 12 places in it that should name packages not understood',
      '    asks for Linux 3.2.0 or newer (/lib64/libc.so.6)',
      '  not understood: /p0:7, not understood',
    ]);
    expect(lines.at(-1)).toBe('  and 2 other places');
    expect(lines).toHaveLength(14);
  });
});
