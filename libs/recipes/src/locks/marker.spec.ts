import { describe, expect, it } from 'vitest';
import { conditionsOf } from './marker-graph.js';
import { simplifyMarker } from './marker.js';

const decide = (atom: string): boolean | null => ({ yes: true, no: false })[atom] ?? null;

describe('recipes/locks/marker', () => {
  it.each([
    ["sys_platform == 'win32'", "sys_platform == 'win32'"],
    ['yes', true],
    ['no or no', false],
    ["yes and python_version < '3'", "python_version < '3'"],
    ["no and a == 'b'", false],
    ["a == 'b' or yes", true],
    ["a == 'b' and (c == 'd' or e == 'f')", "a == 'b' and (c == 'd' or e == 'f')"],
    ["a == 'b' or c == 'd' and no", "a == 'b'"],
    ["a == 'x and y (or z)'", "a == 'x and y (or z)'"],
    ['', null],
    ['(yes', null],
    ['yes and', null],
    ['yes)', null],
    ['"open', null],
    ['('.repeat(1000), null],
  ])('makes %j simpler', (marker, expected) => {
    expect(simplifyMarker(marker, decide)).toBe(expected);
  });
});

describe('recipes/locks/marker-graph', () => {
  const conditions = (edges: Readonly<Record<string, readonly [string, string | true][]>>): object =>
    Object.fromEntries(
      conditionsOf(
        (edges['root'] ?? []).map(([to, marker]) => ({ to, marker })),
        (key) => (edges[key] ?? []).map(([to, marker]) => ({ to, marker })),
      ),
    );

  it('joins what holds on each way', () => {
    expect(
      conditions({
        root: [
          ['a', true],
          ['b', 'x'],
          ['e', 'x'],
        ],
        a: [
          ['c', 'y'],
          ['d', 'y'],
        ],
        b: [
          ['c', 'z'],
          ['d', true],
          ['e', 'z'],
        ],
      }),
    ).toEqual({ a: true, b: 'x', c: 'y or x and z', d: 'y or x', e: 'x' });
  });

  it('comes to an end in a circle', () => {
    expect(
      conditions({
        root: [['a', 'x']],
        a: [['b', 'y']],
        b: [
          ['a', 'z'],
          ['c', true],
        ],
        c: [['b', true]],
      }),
    ).toEqual({
      a: 'x',
      b: 'x and y',
      c: 'x and y',
    });
  });

  it('comes to an end when everything needs everything', () => {
    const names = Array.from({ length: 300 }, (_, index) => `p${index}`);

    const found = conditionsOf([{ to: 'p0', marker: 'x' }], (key) =>
      names.map((to) => ({ to, marker: `${key} < ${to}` })),
    );

    expect(found.size).toBe(300);
  });
});
