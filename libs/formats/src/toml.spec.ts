import { describe, expect, it } from 'vitest';
import { FormatError } from './format.js';
import { limits } from './limits.js';
import { parseToml, tableOf, tablesOf } from './toml.js';

const DOCUMENT = `# a comment with [brackets] and "quotes"
version = 1
"quoted.key" = 'it''s'.
`;

function faultOf(text: string): FormatError {
  try {
    parseToml(text, 3);
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
  throw new Error('The text was read.');
}

describe('formats/toml', () => {
  it('tells where members stand', () => {
    const text = [
      'title = """',
      'two lines, with \\"" # no comment',
      '"""',
      '[[package]]',
      'name = "a"',
      'deps = [',
      '  "x", # ] not the end',
      '  { name = "y", marker = "[}" },',
      ']',
      '[package.source]',
      "url = 'C:\\'",
      '[[ package ]]',
      'name = "b"',
      'a.b."c.d/e" = 1',
    ].join('\r\n');
    const { root, lineOf } = parseToml(text, 4);

    expect(root['title']).toBe('two lines, with "" # no comment\r\n');
    expect(lineOf('title')).toBe(1);
    expect(lineOf('package', 0)).toBe(4);
    expect(lineOf('package', 0, 'deps')).toBe(6);
    expect(lineOf('package', 0, 'deps', 0)).toBe(7);
    expect(lineOf('package', 0, 'deps', 1)).toBe(8);
    expect(lineOf('package', 0, 'source', 'url')).toBe(11);
    expect(lineOf('package', 1)).toBe(12);
    expect(lineOf('package', 1, 'a', 'b')).toBe(14);
    expect(lineOf('package', 1, 'a', 'b', 'c.d/e')).toBeNull();
    expect(lineOf('package', 2)).toBeNull();
  });

  it('locates nothing deeper than it is asked to', () => {
    const { lineOf } = parseToml('a = { b = { c = 1 } }\n[x.y.z]\n', 2);

    expect([lineOf('a'), lineOf('a', 'b'), lineOf('a', 'b', 'c'), lineOf('x', 'y')]).toEqual([1, 1, null, null]);
  });

  it('keeps keys that name members of objects', () => {
    const { root } = parseToml('__proto__ = "a"\nconstructor = "b"\n', 1);

    expect(Object.entries(root)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });

  it.each([
    ['a = 1\nb = \n', 2],
    ['a = 1\n[', 2],
    ['This is prose.\n', 1],
    ['a = 1\n\na = 2\n', 3],
    ['a = "open\nb = 1\n', 1],
    ['a = 1\r\n[b]\r\n[b]\r\n', 3],
    [DOCUMENT, 3],
  ])('refuses %j with its line', (text, line) => {
    expect(faultOf(text)).toMatchObject({ reason: 'syntax-invalid', line });
  });

  it('quotes nothing of a wrong text', () => {
    expect(faultOf('url = "https://ada:hunter2@files.example.org" x\n').message).not.toContain('hunter2');
  });

  it.each([
    ['arrays', `a = ${'['.repeat(100)}`],
    ['tables', `a = ${'{a='.repeat(100)}`],
  ])('refuses deep %s', (_, text) => {
    expect(faultOf(text)).toMatchObject({ reason: 'limit-exceeded', line: 1 });
  });

  it.each([
    ['a dotted key', `a${'.a'.repeat(limits.tomlTables)} = 1`],
    ['headers', '[[a]]\n'.repeat(limits.tomlTables + 1)],
    ['inline tables', `a = [${'{},'.repeat(limits.tomlTables)}]`],
    ['keys behind a fault', `=\n${'[[a]]\n'.repeat(limits.tomlTables + 1)}`],
  ])('refuses more of %s than its parser has memory for', (_, text) => {
    expect(faultOf(text)).toMatchObject({ reason: 'limit-exceeded' });
  });

  it('tells tables from other values', () => {
    const { root } = parseToml('a = [{ b = 1 }, 2]\nday = 2024-01-01\n', 1);

    expect(tablesOf(root['a'])).toEqual([{ table: { b: 1 }, index: 0 }]);
    expect([tableOf(root['day']), tableOf(root['a']), tableOf(undefined)]).toEqual([null, null, null]);
  });
});
