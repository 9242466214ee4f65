import { describe, expect, it } from 'vitest';
import { judgePackageLock } from './judge.js';

const INTEGRITY = `sha512-${'A'.repeat(86)}==`;
const SHA = '0123456789abcdef0123456789abcdef01234567';
const sound = { version: '1.0.0', resolved: 'https://npm.example.org/a/-/a-1.0.0.tgz', integrity: INTEGRITY };

const fileOf = (content: object, file = 'package-lock.json') => ({ file, bytes: Buffer.from(JSON.stringify(content)) });
const judge = (packages: object) =>
  judgePackageLock([fileOf({ lockfileVersion: 3, packages: { '': { name: 'x' }, ...packages } })]);

describe('serializers/package-lock/judge', () => {
  it('takes a lock file that fixes the bytes of every package', () => {
    const commit = { version: '2.0.0', resolved: `git+ssh://git@git.example.org/o/b.git#${SHA}` };

    expect(
      judge({
        'node_modules/a': sound,
        'node_modules/b': commit,
        'node_modules/a/node_modules/c': { version: '1.0.0', inBundle: true },
      }),
    ).toEqual({ outcome: 'deposited', file: 'package-lock.json' });
  });

  it('takes one of version 1, with its nested packages', () => {
    const lock = { lockfileVersion: 1, dependencies: { a: { ...sound, dependencies: { b: sound } } } };
    const faulty = { lockfileVersion: 1, dependencies: { a: { ...sound, dependencies: { b: { version: '2.0.0' } } } } };

    expect(judgePackageLock([fileOf(lock)])).toMatchObject({ outcome: 'deposited' });
    expect(judgePackageLock([fileOf(faulty)])).toMatchObject({
      reason: 'not-exact',
      offenders: [{ package: 'node_modules/a/node_modules/b', version: '2.0.0', fault: 'no-hash' }],
    });
  });

  it.each([
    ['no integrity', { ...sound, integrity: undefined }, 'no-hash'],
    ['an integrity that is none', { ...sound, integrity: 'sha512-?' }, 'no-hash'],
    ['a range', { ...sound, version: '^1.0.0' }, 'no-version'],
    ['a folder', { version: '1.0.0', resolved: 'file:../a' }, 'local-path'],
    ['a link', { resolved: 'a', link: true }, 'local-path'],
    ['a branch', { version: '1.0.0', resolved: 'git+ssh://git@git.example.org/o/b.git#main' }, 'no-commit'],
  ])('refuses one with a package with %s', (_, entry, fault) => {
    expect(judge({ 'node_modules/a': sound, 'node_modules/b': entry })).toMatchObject({
      reason: 'not-exact',
      offenderCount: 1,
      offenders: [{ package: 'node_modules/b', fault }],
    });
  });

  it('refuses what is no such file, without failing', () => {
    const judged = ['null', '[]', '{"packages":{"node_modules/a":1}}', '\u0000'].map((text) =>
      judgePackageLock([{ file: 'package-lock.json', bytes: Buffer.from(text) }]),
    );

    expect(judged.map((each) => (each.outcome === 'refused' ? each.offenders[0]?.fault : each.outcome))).toEqual([
      'not-understood',
      'not-understood',
      'not-understood',
      'not-understood',
    ]);
  });

  it('survives nesting that no tree has', () => {
    const depth = 2000;
    const text = `{"dependencies":${'{"a":{"version":"1.0.0","dependencies":'.repeat(depth)}{}${'}}'.repeat(depth)}}`;

    expect(judgePackageLock([{ file: 'package-lock.json', bytes: Buffer.from(text) }])).toMatchObject({
      outcome: 'refused',
    });
  });

  it('asks which of several, and does not take what npm keeps of an installed tree', () => {
    const lock = { lockfileVersion: 3, packages: { '': {}, 'node_modules/a': sound } };
    const files = ['a/package-lock.json', 'b/package-lock.json', 'a/node_modules/.package-lock.json'];

    const judged = judgePackageLock(files.map((file) => fileOf(lock, file)));

    expect(judged).toMatchObject({ reason: 'several-files', choices: files.slice(0, 2) });
    expect(judgePackageLock([])).toMatchObject({ reason: 'no-lock-file' });
  });
});
