import { describe, expect, it } from 'vitest';
import { parseChallenges } from './challenge.js';

const read = (header: string) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

describe('upstream/challenge', () => {
  it.each([
    [
      'Bearer realm="https://auth.example.org/token",service="registry.example.org",scope="repository:lab/eeg:pull,push"',
      [
        [
          'bearer',
          {
            realm: 'https://auth.example.org/token',
            service: 'registry.example.org',
            scope: 'repository:lab/eeg:pull,push',
          },
        ],
      ],
    ],
    ['bearer REALM = "/token?x=1" , service=plain', [['bearer', { realm: '/token?x=1', service: 'plain' }]]],
    ['Basic realm="a \\"quoted\\", name"', [['basic', { realm: 'a "quoted", name' }]]],
    [
      'Negotiate, Basic realm="x"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    [
      'Negotiate abc==, Bearer realm="y",service="z"',
      [
        ['negotiate', {}],
        ['bearer', { realm: 'y', service: 'z' }],
      ],
    ],
    [
      'Basic realm="x", Bearer realm="y"',
      [
        ['basic', { realm: 'x' }],
        ['bearer', { realm: 'y' }],
      ],
    ],
    ['Bearer', [['bearer', {}]]],
    ['', []],
    [',,, ', []],
    ['Bearer realm="unclosed', [['bearer', {}]]],
    ['"', []],
  ])('reads %s', (header, expected) => {
    expect(read(header)).toEqual(expected);
  });

  it('reads nothing of a header that is too long', () => {
    expect(read(`Bearer realm="${'x'.repeat(9000)}"`)).toEqual([]);
  });

  it('comes to an end soon, whatever it is given', () => {
    for (const piece of ['"\\', 'a=', ' ,', 'a ', '="', 'a="b"'])
      expect(read(piece.repeat(2000)).length).toBeLessThan(8192);
  });
});
