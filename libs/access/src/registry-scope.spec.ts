import { describe, expect, it } from 'vitest';
import { parseRegistryScopes } from './registry-scope.js';

const read = (...values: string[]): [string, string[]][] =>
  parseRegistryScopes(values).map(({ name, actions }) => [name, [...actions]]);

describe('access/registry-scope', () => {
  it.each([
    ['one scope', ['repository:lab/eeg:pull'], [['lab/eeg', ['pull']]]],
    ['several actions', ['repository:lab/eeg:push,pull'], [['lab/eeg', ['push', 'pull']]]],
    ['all actions', ['repository:lab/eeg:*'], [['lab/eeg', ['pull', 'push', 'delete']]]],
    ['the class that Docker puts in', ['repository(plugin):lab/eeg:pull'], [['lab/eeg', ['pull']]]],
    [
      'scopes separated by blanks',
      ['repository:a/b:pull  repository:c/d:push'],
      [
        ['a/b', ['pull']],
        ['c/d', ['push']],
      ],
    ],
    [
      'scopes given apart',
      ['repository:a/b:pull', 'repository:c/d:push'],
      [
        ['a/b', ['pull']],
        ['c/d', ['push']],
      ],
    ],
    ['the same repository twice', ['repository:a/b:pull', 'repository:a/b:push'], [['a/b', ['pull', 'push']]]],
    ['a name with a port', ['repository:host:5000/a:pull'], [['host:5000/a', ['pull']]]],
    ['unknown actions', ['repository:a/b:pull,fly'], [['a/b', ['pull']]]],
    ['only unknown actions', ['repository:a/b:fly'], [['a/b', []]]],
  ])('reads %s', (_, values, expected) => {
    expect(read(...values)).toEqual(expected);
  });

  it.each([
    '',
    ' ',
    'repository',
    'repository:lab/eeg',
    'registry:catalog:*',
    ':lab/eeg:pull',
    'repository:lab/eeg:PULL',
  ])('passes over %j', (value) => {
    expect(read(value)).toEqual([]);
  });

  it('reads 64 scopes and no more', () => {
    const many = Array.from({ length: 100 }, (_, i) => `repository:lab/r${i}:pull`);

    expect(read(...many)).toHaveLength(64);
  });
});
