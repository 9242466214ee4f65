import { describe, expect, it } from 'vitest';
import { expandWord } from './expand-word.js';

const VALUES = new Map([
  ['A', 'one'],
  ['B', 'two words'],
  ['EMPTY', ''],
]);
const expand = (raw: string, escape = '\\') => expandWord(raw, (name) => VALUES.get(name), escape);

describe('formats/dockerfile/expand-word', () => {
  it.each([
    ['plain', 'plain'],
    ['$A', 'one'],
    ['${A}-slim', 'one-slim'],
    ['$A$B', 'onetwo words'],
    ['"$B"', 'two words'],
    ["'$A'", '$A'],
    ['a"b"\'c\'', 'abc'],
    ['\\$A', '$A'],
    ['"\\$A \\n"', '$A \\n'],
    ['${A:-x}', 'one'],
    ['${NONE:-x}', 'x'],
    ['${NONE-x}', 'x'],
    ['${EMPTY:-x}', 'x'],
    ['${EMPTY-x}', ''],
    ['${A:+x}', 'x'],
    ['${NONE:+x}', ''],
    ['${EMPTY+x}', 'x'],
    ['${A:?needed}', 'one'],
    ['${NONE:-${ALSO_NONE:-$A}}', 'one'],
    ['${A:-$NONE}', 'one'],
    ['100$', '100$'],
    ['$1', '$1'],
  ])('expands %s to %s', (raw, text) => {
    expect(expand(raw)).toEqual({ text, unknown: [] });
  });

  it.each([
    ['$NONE', '$NONE', ['NONE']],
    ['a${NONE}b', 'a${NONE}b', ['NONE']],
    ['${NONE:?needed}', '${NONE:?needed}', ['NONE']],
    ['${A#o}', '${A#o}', ['A']],
    ['${A/o/0}', '${A/o/0}', ['A']],
    ['${A:-x', '${A:-x', ['A']],
    ['${', '${', ['']],
    ['${!A}', '${!A}', ['']],
  ])('leaves %s as written and names what is unknown', (raw, text, unknown) => {
    expect(expand(raw)).toEqual({ text, unknown });
  });

  it.each(['${OUTSIDE:-x}', '${OUTSIDE:+:$OUTSIDE}', '${OUTSIDE-x}', '${OUTSIDE:?needed}'])(
    'leaves %s as written when something else may set it',
    (raw) => {
      const expansion = expandWord(
        raw,
        (name) => VALUES.get(name),
        '\\',
        (name) => name === 'OUTSIDE',
      );

      expect(expansion).toEqual({ text: raw, unknown: ['OUTSIDE'] });
    },
  );

  it('takes the escape character that the file sets', () => {
    expect(expand('C:\\tools`$A', '`').text).toBe('C:\\tools$A');
  });

  it('ends on deep nesting and on values that grow', () => {
    const laughs = expandWord('$A'.repeat(1000), () => 'ha'.repeat(100), '\\');

    expect(expand('${A:-'.repeat(100_000)).unknown.length).toBeGreaterThan(0);
    expect(laughs.text).toBe('$A'.repeat(1000));
    expect(laughs.unknown).toEqual(['(too long)']);
  });
});
