import { describe, expect, it } from 'vitest';
import { formatSize } from './size.js';
import { fields, table } from './table.js';

describe('cli/text/table', () => {
  it('makes columns as wide as their widest cell', () => {
    expect(
      table(
        ['id', 'name'],
        [
          ['1', 'laptop'],
          ['12', 'x'],
        ],
      ),
    ).toEqual(['id  name', '1   laptop', '12  x']);
  });

  it('leaves out fields without a value, and puts several values below one another', () => {
    expect(
      fields([
        ['image', 'none'],
        ['command', null],
        ['get it', ['docker', 'podman']],
        ['read', []],
      ]),
    ).toEqual(['  image   none', '  get it  docker', '          podman']);
  });

  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [5 * 2 ** 40, '5.0 TiB'],
  ])('writes %i bytes as %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });
});
