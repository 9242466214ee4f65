import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extract } from './extract.js';

const spec = extract(readFileSync(new URL('./__fixtures__/install.R', import.meta.url), 'utf8'), 'binder/install.R')!;

describe('formats/install-r/extract', () => {
  it('lists literal names and nothing that is worked out', () => {
    expect(spec.packages.map((each) => [each.ecosystem, each.name, each.specifier, each.line])).toEqual([
      ['cran', 'ggplot2', null, 2],
      ['cran', 'dplyr', null, 3],
      ['cran', 'data.table', null, 4],
      ['cran', 'tidyr', null, 5],
      ['cran', 'BiocManager', null, 10],
      ['cran', 'DESeq2', null, 11],
      ['cran', 'mgcv', '1.8-40', 12],
      ['github', 'lab/eegtools', '@v1.2', 13],
      ['github', 'lab/plots', null, 14],
      ['cran', 'jsonlite', null, 14],
      ['cran', 'xml2', null, 15],
    ]);
  });

  it('pins nothing, and says that it is code', () => {
    const marks = spec.packages.map(({ version, skipReason, standing, purl }) => [version, skipReason, standing, purl]);

    expect(new Set(marks.map((mark) => JSON.stringify(mark)))).toEqual(new Set(['[null,"as-code","declared",null]']));
    expect(spec.problems).toMatchObject([{ reason: 'as-code', line: 1 }]);
  });

  it('finds secrets without repeating them', () => {
    const found = extract('x <- 1\nSys.setenv(GITHUB_PAT = "ghp_0123456789abcdefghijABCDEFGHIJ456789")\n', 'install.R');

    expect(found?.secrets).toEqual([{ kind: 'token', line: 2 }]);
    expect(JSON.stringify(found)).not.toContain('ghp_');
  });

  it('does not search a program of any length', () => {
    const found = extract('a\n'.repeat(600_000), 'install.R');

    expect(found).toMatchObject({ packages: [], problems: [{ reason: 'as-code' }, { reason: 'limit-exceeded' }] });
  });

  it('keeps a program that installs nothing literal', () => {
    expect(extract('source("other.R")\n', 'install.R')?.packages).toEqual([]);
  });

  it('is no other program of R', () => {
    expect(extract('install.packages("a")\n', 'analysis.R')).toBeNull();
  });
});
