import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { goSumFormat } from './index.js';

const fixture = readFileSync(new URL('./__fixtures__/go.sum', import.meta.url), 'utf8');
const read = (content: string) => goSumFormat.extract(content);

describe('formats/go-sum/extract', () => {
  it('names every version once, and says of which only go.mod was read', () => {
    const spec = read(fixture);

    expect(
      spec?.packages.map(({ name, version, purl, group, skipReason, line }) => [
        name,
        version,
        purl,
        group,
        skipReason,
        line,
      ]),
    ).toEqual([
      ['example.org/Numerics/blas', 'v0.14.0', 'pkg:golang/example.org/numerics/blas@v0.14.0', 'candidate', null, 1],
      ['example.org/plot/v3', 'v3.1.0', 'pkg:golang/example.org/plot/v3@v3.1.0', 'go.mod', 'not-installed', 3],
      ['example.org/plot/v3', 'v3.2.1', 'pkg:golang/example.org/plot/v3@v3.2.1', 'candidate', null, 4],
    ]);
    expect(spec?.problems).toEqual([]);
  });

  it('takes the sum of a listing for no digest of a file', () => {
    expect(read(fixture)?.packages.flatMap(({ hashes }) => hashes)).toEqual([]);
  });

  it('reports lines that are cut and reads on', () => {
    const spec = read(`${fixture}example.org/cut v1.0.0 h1:4zour5\nexample.org\n`);

    expect(spec?.packages).toHaveLength(3);
    expect(spec?.problems.map(({ reason, line }) => [reason, line])).toEqual([
      ['syntax-invalid', 6],
      ['syntax-invalid', 7],
    ]);
  });

  it.each([
    ['prose that quotes a line', `These are sums:\n\nsee below\n${fixture.split('\n', 1).join('')}\nand so on.`],
    ['a list of modules', 'example.org/a v1.0.0\n'],
    ['an empty file', ''],
  ])('leaves %s to other formats', (_, content) => {
    expect(read(content)).toBeNull();
  });

  it('refuses too many modules', () => {
    const lines = Array.from({ length: 200_001 }, (_, index) => `e.org/m${index} v1.0.0 h1:${'A'.repeat(43)}=`);

    expect(() => read(lines.join('\n'))).toThrow(expect.objectContaining({ reason: 'limit-exceeded' }));
  });
});
