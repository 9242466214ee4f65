import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extract } from './extract.js';

const spec = extract(readFileSync(new URL('./__fixtures__/postBuild', import.meta.url), 'utf8'), 'binder/postBuild')!;

describe('formats/binder-script/extract', () => {
  it('lists literal names and nothing that the shell works out', () => {
    expect(spec.packages.map((each) => [each.ecosystem, each.name, each.specifier, each.line])).toEqual([
      ['pypi', 'numpy', '==1.26.4', 4],
      ['pypi', 'scipy', '>=1.11', 4],
      ['npm', '@lab/plots', '^2', 4],
      ['pypi', 'tqdm', null, 5],
      ['pypi', 'Zope.Interface', '[test]', 5],
      ['conda', 'gdal', '=3.6', 7],
      ['deb', 'libgl1', null, 8],
      ['npm', 'yarn', null, 12],
    ]);
  });

  it('pins nothing, and says that it is code', () => {
    expect(
      new Set(spec.packages.map(({ version, skipReason, standing }) => `${version} ${skipReason} ${standing}`)),
    ).toEqual(new Set(['null as-code declared']));
    expect(spec.packages.every(({ purl, group }) => purl === null && group === 'postBuild')).toBe(true);
    expect(spec.problems).toMatchObject([{ reason: 'as-code', line: 1 }]);
  });

  it('finds secrets without repeating them', () => {
    const found = extract(
      '#!/bin/sh\npip install -i https://ada:hunter2@index.example.org/simple numpy\n',
      'postBuild',
    );

    expect(found?.secrets).toEqual([{ kind: 'url-credentials', line: 2 }]);
    expect(found?.packages).toMatchObject([{ name: 'numpy' }]);
    expect(JSON.stringify(found)).not.toContain('hunter2');
  });

  it('does not search a program of any length', () => {
    const found = extract('a\n'.repeat(600_000), 'postBuild');

    expect(found).toMatchObject({ packages: [], problems: [{ reason: 'as-code' }, { reason: 'limit-exceeded' }] });
  });

  it('keeps a program of another language closed', () => {
    expect(extract('#!/usr/bin/env python3\n"""\npip install numpy\n"""\n', 'postBuild')?.packages).toEqual([]);
  });

  it('reads a script without a first line as one of the shell', () => {
    expect(extract('pip install numpy\n', 'postBuild')?.packages).toMatchObject([{ name: 'numpy' }]);
  });

  it.each([
    ['a text that is called start', 'Where to start\n', 'start'],
    ['a script under another name', '#!/bin/bash\npip install numpy\n', 'run.sh'],
  ])('is not %s', (_, text, path) => {
    expect(extract(text, path)).toBeNull();
  });
});
