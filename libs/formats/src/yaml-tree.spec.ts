import { describe, expect, it } from 'vitest';
import { BlockYamlReader, UnusualYaml } from './block-yaml.js';
import { readYamlTree, type YamlNode } from './yaml-tree.js';

/** The tree as plain values. */
function plain(node: YamlNode): unknown {
  if (node.kind === 'scalar') return node.text;
  if (node.kind === 'sequence') return node.items.map(plain);
  return Object.fromEntries([...node.entries].map(([key, value]) => [key, plain(value)]));
}

const block = (text: string) => plain(new BlockYamlReader(text).read());

describe('formats/yaml-tree', () => {
  it.each<[string, unknown]>([
    ['a: 1.10\nb: on\n', { a: '1.10', b: 'on' }],
    ['---\n# top\na:\n- x\n- y: 1\n  z:\n  - 2\nb:\n', { a: ['x', { y: '1', z: ['2'] }], b: '' }],
    ['a:\n  - - 1\n    - 2\n  -\n    k: v\n  - []\n  - { }\n', { a: [['1', '2'], { k: 'v' }, [], {}] }],
    [`a: 'it''s'  # note\n"b:": "tab\\t\\u00e9"\n`, { a: "it's", 'b:': 'tab\té' }],
    [`a: '>=1,\n  <2'\nb: one\n  two\nc: x#y # z\n`, { a: '>=1, <2', b: 'one two', c: 'x#y' }],
    ['a: |\n  one\n   two\n\nb: |-\n  x\n', { a: 'one\n two\n', b: 'x' }],
    ['a: http://h/x:y\nb: -1\nc: ?x\n', { a: 'http://h/x:y', b: '-1', c: '?x' }],
    ['a: 1\r\nb:\r\n  - 2\r\n', { a: '1', b: ['2'] }],
  ])('reads %j in block style, and as the whole of YAML does', (text, expected) => {
    expect(block(text)).toEqual(expected);
    // A directive is not in block style: the other reader reads the same text.
    expect(plain(readYamlTree(`%YAML 1.2\n---\n${text.replace(/^---\n/, '')}`))).toEqual(expected);
  });

  it.each([
    'a: &x 1\n',
    'a: *x\n',
    'a: !!str 1\n',
    'a: {b: 1}\n',
    'a: [1, 2]\n',
    'a: >\n  folded\n',
    'a: b: c\n',
    'a: 1\n  b: 2\n',
    'a:\n  b: 1\n c: 2\n',
    'a: "open\n',
    'a: "x" y\n',
    'a: 1\n---\nb: 2\n',
    '\ta: 1\n',
    '? a\n: b\n',
    'just text\n',
    '',
  ])('leaves %j to the whole of YAML', (text) => {
    expect(() => block(text)).toThrow(UnusualYaml);
  });

  it('knows the line of every value', () => {
    const tree = readYamlTree('# top\na:\n  - 1\n\n  - b: 2\n');

    expect(tree).toMatchObject({
      line: 2,
      entries: new Map([['a', { kind: 'sequence', line: 3, items: [{ line: 3 }, { line: 5 }] }]]),
    });
  });

  it.each([
    ['a: 1\nb: 2\na: 3\n', 'syntax-invalid', 3],
    ['a: {b: 1, b: 2}\n', 'syntax-invalid', 1],
    [`a:\n${Array.from({ length: 80 }, (_, i) => `${' '.repeat(i + 1)}a:`).join('\n')}`, 'limit-exceeded', 66],
    [`- `.repeat(5000), 'limit-exceeded', 1],
    ['- \n'.repeat(700_000), 'limit-exceeded', 600_001],
    ['a: 1\n'.repeat(2_000_000), 'limit-exceeded', null],
  ])('refuses what is wrong or endless', (text, reason, line) => {
    expect(() => readYamlTree(text)).toThrow(expect.objectContaining({ reason, line }));
  });

  it('expands no alias more than once', () => {
    const bomb = Array.from({ length: 20 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]\n`).join('');
    const tree = readYamlTree(`a0: &a0 x\n${bomb}`);

    expect(tree.kind === 'mapping' ? tree.entries.size : 0).toBe(21);
  });
});
