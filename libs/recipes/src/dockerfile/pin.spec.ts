import { describe, expect, it } from 'vitest';
import { pinBases } from './pin.js';

const PINNED = `archive.example.org/lab/debian@sha256:${'ab'.repeat(32)}`;

describe('recipes/dockerfile/pin', () => {
  it.each([
    ['FROM debian:12', `FROM ${PINNED}`],
    [
      '\uFEFFfrom  debian:12\tAS  x  \r\nRUN  echo debian:12\r\n',
      `\uFEFFfrom  ${PINNED}\tAS  x  \r\nRUN  echo debian:12\r\n`,
    ],
    ['ARG V=12\nFROM "debian:${V}" # no comment', null],
    ['ARG V=12\nFROM "debian:${V}"\nARG V\n', `ARG V=12\nFROM ${PINNED}\nARG V\n`],
    [
      'FROM --platform=linux/amd64 deb\\\nian:12 AS a\nFROM a\nFROM debian:12',
      `FROM --platform=linux/amd64 ${PINNED} AS a\nFROM a\nFROM ${PINNED}`,
    ],
    ['FROM scratch\nCOPY --chown=1:1 --from=debian:12 /a /b', `FROM scratch\nCOPY --chown=1:1 --from=${PINNED} /a /b`],
    [
      'FROM scratch\nRUN --mount=type=bind,from=debian:12,target=/x ls',
      `FROM scratch\nRUN --mount=type=bind,from=${PINNED},target=/x ls`,
    ],
    ['FROM scratch\nCOPY <<E /x\nFROM debian:12\nE\n', 'FROM scratch\nCOPY <<E /x\nFROM debian:12\nE\n'],
  ])('pins %j', (text, expected) => {
    const pin = (): string => pinBases(text, new Map([['debian:12', PINNED]]));

    if (expected === null) expect(pin).toThrow('the recipe cannot be built');
    else expect(pin()).toBe(expected);
  });

  it('refuses a base that is not given', () => {
    expect(() => pinBases('FROM debian:12', new Map())).toThrow('an image that the recipe starts from cannot be had');
  });

  it('is stable: what is pinned is pinned to itself', () => {
    expect(pinBases(`FROM ${PINNED}`, new Map([[PINNED, PINNED]]))).toBe(`FROM ${PINNED}`);
  });
});
