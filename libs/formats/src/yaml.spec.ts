import { isMap } from 'yaml';
import { describe, expect, it } from 'vitest';
import { FormatError } from './format.js';
import { parseYaml } from './yaml.js';

function failure(text: string): { reason: string; line: number | null } {
  try {
    parseYaml(text);
  } catch (error) {
    if (error instanceof FormatError) return { reason: error.reason, line: error.line };
    throw error;
  }
  throw new Error('nothing was thrown');
}

function strings(text: string): (string | null)[][] {
  const { root, stringOf } = parseYaml(text);
  return isMap(root) ? root.items.map(({ key, value }) => [stringOf(key), stringOf(value)]) : [];
}

describe('formats/yaml', () => {
  it('keeps every scalar a string', () => {
    expect(strings('python: 3.10\non: yes\nbuild: 7.3_22\nnone:\ndate: 2020-01-01\n')).toEqual([
      ['python', '3.10'],
      ['on', 'yes'],
      ['build', '7.3_22'],
      ['none', ''],
      ['date', '2020-01-01'],
    ]);
  });

  it('follows an alias and acts on no tag', () => {
    expect(strings('a: &v 1.0\nb: *v\nc: !!python/name:os.system ""\n')).toEqual([
      ['a', '1.0'],
      ['b', '1.0'],
      ['c', ''],
    ]);
  });

  it('knows the line of a node', () => {
    const { root, lineOf } = parseYaml('# top\na:\n  - 1\nb: 2\n');

    expect(isMap(root) ? root.items.map(({ key }) => lineOf(key)) : null).toEqual([2, 4]);
  });

  it.each([
    ['a: [1\nb: 2\n', 2],
    ['a: 1\nb: 2\na: 3\n', 3],
    ['a: 1\n\tb: 2\n', 2],
    ['a: 1\n---\nb: 1\n', 2],
  ])('gives the line of the fault in %j', (text, line) => {
    expect(failure(text)).toEqual({ reason: 'syntax-invalid', line });
  });

  it.each([
    ['brackets', `a:\n${'['.repeat(200)}${']'.repeat(200)}`, 2],
    ['brackets that never close', '['.repeat(20_000), 1],
    ['dashes', '- '.repeat(20_000), 1],
    ['keys of keys', '? '.repeat(20_000), 1],
    ['values of nothing', `a:\n${' : '.repeat(20_000)}`, 2],
    ['indentation', Array.from({ length: 80 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), 66],
  ])('refuses deep nesting by %s', (_, text, line) => {
    expect(failure(text)).toEqual({ reason: 'limit-exceeded', line });
  });

  it('keeps the traces of errors for others', () => {
    const before = Error.stackTraceLimit;

    expect(failure(`a: []${'['.repeat(50_000)}`)).toEqual({ reason: 'syntax-invalid', line: 1 });
    expect(Error.stackTraceLimit).toBe(before);
  });

  it('refuses a text that is too long to read', () => {
    expect(failure('a: 1\n'.repeat(200_000))).toEqual({ reason: 'limit-exceeded', line: null });
  });

  it('stops at the first of very many errors', () => {
    expect(failure(`a:\n  - b\n${'*\r\n'.repeat(50_000)}`)).toEqual({ reason: 'syntax-invalid', line: 3 });
  });
});
