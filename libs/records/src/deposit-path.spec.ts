import { ArchiveError } from '@envarium/errors';
import { describe, expect, it } from 'vitest';
import { assertDepositPaths } from './deposit-path.js';

function faultOf(...paths: string[]): unknown {
  try {
    assertDepositPaths(paths);
    return null;
  } catch (error) {
    return error instanceof ArchiveError ? error.detail['reason'] : error;
  }
}

describe('records/deposit-path', () => {
  it.each(['environment.yml', 'binder/requirements.txt', 'hardware/lscpu.txt', 'Projekt Ü/renv.lock'])(
    'takes %j',
    (path) => {
      expect(faultOf(path)).toBeNull();
    },
  );

  it.each([
    ['/etc/passwd', 'absolute-path'],
    ['../secret', 'leaves-the-deposit'],
    ['a/../../b', 'leaves-the-deposit'],
    ['a//b', 'not-normal'],
    ['./a', 'not-normal'],
    ['a\\b', 'forbidden-character'],
    ['a\ud800b', 'not-well-formed'],
    ['a\u0000b', 'forbidden-character'],
    ['C:/x', 'forbidden-character'],
    ['a/'.repeat(40) + 'b', 'too-deep'],
  ])('refuses %j: %s', (path, reason) => {
    expect(faultOf(path)).toBe(reason);
  });

  it('refuses two paths that are one on some file systems', () => {
    expect(faultOf('Environment.yml', 'environment.yml')).toBe('same-path-twice');
  });
});
