import { describe, expect, it } from 'vitest';
import { jsonEvidence, JsonObject } from './json-evidence.js';

describe('formats/json-evidence', () => {
  it('locates members whose names hold the characters of a JSON Pointer', () => {
    const { lineOf } = jsonEvidence('{"packages":{\n"node_modules/@a/b~c":{\n"x":1}}}', 2);

    expect(lineOf('packages', 'node_modules/@a/b~c')).toBe(2);
    expect(lineOf('packages', 'node_modules/@a/b~c', 'x')).toBeNull();
  });

  it('reports a member that stands twice once, without the members inside it', () => {
    const { problems } = jsonEvidence('{"a":{"x":1},\n"b":2,\n"a":{"x":3}}', 2);

    expect(problems).toEqual([
      { reason: 'duplicate-entry', message: '/a stands twice; the last one is read.', line: 3 },
    ]);
  });

  it('does not take the same name in two objects for a repeat', () => {
    expect(jsonEvidence('[{"a":1},{"a":1}]', 2).problems).toEqual([]);
  });

  it('counts what goes beyond the listed problems', () => {
    const { problems } = jsonEvidence(`{"a":1${',"a":1'.repeat(1500)}}`, 1);

    expect(problems).toHaveLength(1001);
    expect(problems.at(-1)?.message).toBe('500 more problems are not listed.');
  });

  it('keeps a member called __proto__ in an object', () => {
    const object = JsonObject.parse(JSON.parse('{"__proto__":1}'));

    expect(Object.entries(object)).toEqual([['__proto__', 1]]);
  });

  it.each([null, [], 'text', 1])('takes %j for no object', (value) => {
    expect(JsonObject.safeParse(value).success).toBe(false);
  });
});
