import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { compareOutput, compareOutputs, type NamedOutputFile } from './compare-outputs.js';

const EXACT = { relative: 0, absolute: 0, pixels: 0 };

function file(name: string, content: string | Uint8Array): NamedOutputFile {
  const bytes = Buffer.from(content);
  return { name, bytes, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}

function compare(name: string, before: string | Uint8Array, after: string | Uint8Array, tolerance = EXACT) {
  const { verdict, how, detail } = compareOutput(
    { name, expected: file(name, before), actual: file(name, after) },
    tolerance,
  );
  return { verdict, how, detail };
}

describe('comparison/outputs/compare-outputs', () => {
  it('needs no bytes where the digests are equal', () => {
    const digest = `sha256:${'a'.repeat(64)}`;

    expect(
      compareOutput({ name: 'x', expected: { digest, bytes: null }, actual: { digest, bytes: null } }, EXACT),
    ).toEqual({
      name: 'x',
      verdict: 'identical',
      how: 'digest',
      expected: digest,
      actual: digest,
      detail: 'the same bytes',
    });
  });

  it('names what is missing and what nobody expected', () => {
    const [kept, gone, extra] = [file('a.txt', 'a'), file('b.txt', 'b'), file('c.txt', 'c')];

    expect(
      compareOutputs([kept, gone], [extra, kept], EXACT).map(({ name, verdict, how }) => ({ name, verdict, how })),
    ).toEqual([
      { name: 'a.txt', verdict: 'identical', how: 'digest' },
      { name: 'b.txt', verdict: 'missing', how: 'none' },
      { name: 'c.txt', verdict: 'unexpected', how: 'none' },
    ]);
  });

  it('says that what cannot be looked into is different', () => {
    expect(compare('x.bin', Uint8Array.of(0, 1), Uint8Array.of(0, 2))).toEqual({
      verdict: 'different',
      how: 'digest',
      detail: 'other bytes; of a kind that is not looked into',
    });
    expect(compare('x.txt', Uint8Array.of(0xff, 0xfe, 0x41), 'A').how).toBe('digest');
    expect(compare('x.png', Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from('89504e470d0a1a0a00', 'hex'))).toEqual({
      verdict: 'different',
      how: 'digest',
      detail: 'other bytes; a PNG without an end',
    });
  });

  describe('tables', () => {
    const BEFORE = 'name,mean,count\na,1.0,3\nb,2.5,4\n';

    it('gives the largest difference and its row and column', () => {
      const after = 'name,mean,count\na,1.001,3\nb,2.502,4\n';

      expect(compare('t.csv', BEFORE, after)).toEqual({
        verdict: 'different',
        how: 'numbers',
        detail:
          '2 of 4 numbers differ, 2 of them beyond the tolerance; most by 0.002 at row 3, column "mean": 2.5 became 2.502',
      });
      expect(compare('t.csv', BEFORE, after, { ...EXACT, absolute: 0.0021 }).verdict).toBe('within-tolerance');
      expect(compare('t.csv', BEFORE, after, { ...EXACT, relative: 0.001 }).verdict).toBe('within-tolerance');
      expect(compare('t.csv', BEFORE, after, { ...EXACT, relative: 0.0008 }).detail).toBe(
        '2 of 4 numbers differ, 1 of them beyond the tolerance; most by 0.001 at row 2, column "mean": 1 became 1.001',
      );
    });

    it('takes numbers that are written differently as equal, and NaN as itself', () => {
      expect(compare('t.csv', 'x\n1.50\nNaN\n-inf\n', 'x\r\n1.5\r\nnan\r\n-Infinity\r\n')).toEqual({
        verdict: 'within-tolerance',
        how: 'numbers',
        detail: '3 numbers are equal; they are only written differently',
      });
      expect(compare('t.csv', 'x\n1\n', 'x\nNaN\n', { ...EXACT, absolute: 1e9 }).verdict).toBe('different');
      expect(compare('t.csv', 'x\n1\n', 'x\ninf\n', { ...EXACT, relative: 1 }).verdict).toBe('different');
    });

    it('tells long integers apart', () => {
      expect(compare('t.csv', 'x\n9007199254740993\n', 'x\n9007199254740992\n').verdict).toBe('different');
    });

    it.each([
      ['another text', 'name,mean,count\nz,1.0,3\nb,2.5,4\n', 'row 2, column "name": "a" became "z"'],
      ['another header', 'name,median,count\na,1.0,3\nb,2.5,4\n', 'row 1, column 2: "mean" became "median"'],
      ['a missing row', 'name,mean,count\na,1.0,3\n', '3 rows became 2'],
      ['a missing column', 'name,mean,count\na,1.0,3\nb,2.5\n', 'row 3 had 3 columns and has 2'],
    ])('says that %s is no matter of tolerance', (_, after, detail) => {
      const { verdict, detail: said } = compare('t.csv', BEFORE, after, { relative: 1, absolute: 1e9, pixels: 1 });

      expect(verdict).toBe('different');
      expect(said).toContain(detail);
    });

    it('knows tabs and semicolons', () => {
      expect(compare('t.tsv', 'a\tb\n1\t2\n', 'a\tb\n1\t3\n').detail).toContain('row 2, column "b": 2 became 3');
      expect(compare('t.csv', 'a;b\n1;2\n', 'a;b\n1;3\n').detail).toContain('row 2, column "b": 2 became 3');
    });

    it('compares what is no table, or one without an end, as text', () => {
      expect(compare('t.csv', 'a,b\n"1,2\n', 'a,b\n"1,3\n').how).toBe('text');
      expect(compare('t.csv', 'a\n', `${'1,'.repeat(2_100_000)}\n`).how).toBe('text');
    });
  });

  describe('JSON', () => {
    it('gives the largest difference and its pointer', () => {
      const before = '{"a/b": [1, {"x": 2.0}], "n": "t"}';

      expect(compare('r.json', before, '{"n": "t", "a/b": [1.5, {"x": 2.25}]}')).toEqual({
        verdict: 'different',
        how: 'numbers',
        detail: '2 of 2 numbers differ, 2 of them beyond the tolerance; most by 0.5 at /a~1b/0: 1 became 1.5',
      });
      expect(compare('r.json', before, '{"a/b":[1,{"x":2}],"n":"t"}').verdict).toBe('within-tolerance');
    });

    it('reads what Python writes: NaN, Infinity, integers of any length', () => {
      expect(compare('r.json', '[NaN, -Infinity, "NaN"]', '[NaN,-Infinity,"NaN"]').verdict).toBe('within-tolerance');
      expect(compare('r.json', '[NaN]', '[1]', { ...EXACT, absolute: 1e300 }).verdict).toBe('different');
      expect(compare('r.json', '[9007199254740993]', '[9007199254740992]').verdict).toBe('different');
      expect(compare('r.json', '[9007199254740993]', '[9007199254740992]', { ...EXACT, absolute: 1 }).verdict).toBe(
        'within-tolerance',
      );
    });

    it.each([
      ['a list that is shorter', '[1, 2]', '[1]', 'the whole document: 2 elements became 1'],
      ['a member that is gone', '{"a": 1, "b": 2}', '{"a": 1}', 'the whole document: "b" is gone'],
      ['a member that is new', '{"a": 1}', '{"a": 1, "__proto__": 2}', 'the whole document: "__proto__" is new'],
      ['another kind of value', '{"a": 1}', '{"a": "1"}', '/a: a number became text'],
      ['another text', '{"a": "x"}', '{"a": "y"}', '/a: "x" became "y"'],
      ['null', '{"a": null}', '{"a": {}}', '/a: null became an object'],
    ])('says that %s is no matter of tolerance', (_, before, after, detail) => {
      expect(compare('r.json', before, after, { relative: 1, absolute: 1e9, pixels: 1 })).toEqual({
        verdict: 'different',
        how: 'numbers',
        detail,
      });
    });

    it('does not fall over depth', () => {
      const deep = (value: string): string => '['.repeat(200_000) + value + ']'.repeat(200_000);

      expect(compare('r.json', deep('1'), deep('2')).verdict).toBe('different');
    });

    it('leaves alone what stands in strings', () => {
      const text = String.raw`{"a": "NaN \" 12345678901234567890 \\", "b": NaN}`;

      expect(compare('r.json', text, `${text} `).verdict).toBe('within-tolerance');
      expect(compare('r.json', text, text.replace('67890', '67891')).detail).toContain('/a: ');
    });

    it('comes to an end with a string that has none', () => {
      const hostile = `[NaN, "${String.raw`\"`.repeat(1_000_000)}`;

      expect(compare('r.json', '[NaN]', hostile).how).toBe('text');
    });

    it('compares what is not JSON as text', () => {
      expect(compare('r.json', '{"a": 1}', '{"a": ')).toMatchObject({ verdict: 'different', how: 'text' });
    });
  });

  describe('text', () => {
    it('names the first line that differs', () => {
      expect(compare('fit.log', 'start\nslope 1.5\nend\n', 'start\nslope 1.6\nend\n')).toEqual({
        verdict: 'different',
        how: 'text',
        detail: '1 of 3 lines differ; first line 2: "slope 1.5" became "slope 1.6"',
      });
      expect(compare('figure.svg', '<svg>\n<g/>\n</svg>', '<svg>\n</svg>').how).toBe('text');
    });

    it('does not mind how lines end', () => {
      expect(compare('a.txt', 'a\nb\n', 'a\r\nb').verdict).toBe('within-tolerance');
    });

    it('says that lines are missing', () => {
      expect(compare('a.txt', 'a\nb\nc\n', 'a\n').detail).toBe(
        '2 of 3 lines, which became 1, differ; first line 2: "b" became nothing',
      );
    });
  });
});
