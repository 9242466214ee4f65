import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { guixChannelsFormat } from './index.js';

const fixture = (name: string): string => readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8');
const read = (content: string) => guixChannelsFormat.extract(content);
const COMMIT = '00112233445566778899aabbccddeeff00112233';

describe('formats/guix-channels/extract', () => {
  it('gives each channel with its commit, and none that is commented out', () => {
    const spec = read(fixture('channels.scm'));

    expect(spec?.packages).toMatchObject([
      {
        ecosystem: 'guix',
        name: 'lab',
        version: COMMIT,
        specifier: 'branch main',
        standing: 'locked',
        source: 'https://code.example.org/lab/guix-lab.git',
        group: 'channel',
        line: 4,
        skipReason: null,
      },
      {
        name: 'guix',
        version: '9edb3f66fd807b096b48283debdcddccfea34bad',
        specifier:
          'introduction 0123456789abcdef0123456789abcdef01234567 0011 2233 4455 6677 8899  AABB CCDD EEFF 0011 2233',
        line: 9,
      },
    ]);
    expect(spec?.problems).toEqual([]);
  });

  it('keeps credentials out of addresses', () => {
    const spec = read(fixture('channels.scm'));

    expect(spec?.secrets).toEqual([{ kind: 'url-credentials', line: 4 }]);
    expect(JSON.stringify(spec)).not.toContain('s3cret');
  });

  it('names a channel on GitHub by its package URL', () => {
    const spec = read(`(list (channel (name 'x) (url "https://github.com/lab/x.git") (commit "${COMMIT}")))`);

    expect(spec?.packages[0]?.purl).toBe(`pkg:github/lab/x@${COMMIT}`);
  });

  it.each([
    ['a branch only', `(channel (name 'x) (url "u") (branch "main"))`, 'no-version', 'branch main'],
    ['a short commit', `(channel (name 'x) (url "u") (commit "0011223"))`, 'version-invalid', 'commit 0011223'],
    ['a computed commit', `(channel (name 'x) (url "u") (commit (git-head)))`, 'version-invalid', null],
  ])('makes no version of %s', (_, content, skipReason, specifier) => {
    expect(read(content)?.packages[0]).toMatchObject({ version: null, standing: 'declared', skipReason, specifier });
  });

  it('says what only the machine knows', () => {
    const spec = read(`(cons (channel (name a-name) (url "u")) %default-channels)`);

    expect(spec?.packages).toEqual([]);
    expect(spec?.problems.map(({ reason }) => reason)).toEqual(['dynamic-value', 'dynamic-value']);
    expect(read('%default-channels')).toBeNull();
  });

  it.each([
    ['another program', '(define (channel x) x)'],
    ['prose', 'A (channel is water.'],
    ['a Guix manifest', '(specifications->manifest (list "python"))'],
    ['nothing', ''],
  ])('leaves %s to other formats', (_, content) => {
    expect(read(content)).toBeNull();
  });
});
