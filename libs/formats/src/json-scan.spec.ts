import { describe, expect, it } from 'vitest';
import { scanJson } from './json-scan.js';

describe('formats/json-scan', () => {
  it('locates members by JSON Pointer, down to the depth asked for', () => {
    const text =
      '{\n "packages": {\n  "node_modules/~a": {"version": "1"},\n  "b\\u0031": {}\n },\n "list": [\n  1,\n  {"x": 1}\n ]\n}';

    expect(scanJson(text, 2)).toEqual(
      new Map([
        ['/packages', 2],
        ['/packages/node_modules~1~0a', 3],
        ['/packages/b1', 4],
        ['/list', 6],
        ['/list/0', 7],
        ['/list/1', 8],
      ]),
    );
  });

  it('tells of a member that stands twice', () => {
    const repeats: [string, number][] = [];

    scanJson('{"a": 1,\n"b": {"a": 1},\n"a": 2}', 2, (pointer, line) => repeats.push([pointer, line]));

    expect(repeats).toEqual([['/a', 3]]);
  });

  it('answers with the line of a fault', () => {
    expect(scanJson('{"a":\n1,}', 1)).toEqual({ kind: 'syntax', line: 2 });
  });

  it('answers with the line where the text goes too deep', () => {
    expect(scanJson(`${'['.repeat(64)}\n[${']'.repeat(65)}`, 0)).toEqual({ kind: 'nesting', line: 2 });
  });
});
