import { execFileSync } from 'node:child_process';
import { ArchiveError } from '@envarium/errors';
import { describe, expect, it } from 'vitest';
import { findRecipe } from '../detect/find-recipe.js';
import type { RecipeFile } from '../recipe-file.js';
import { shellWord } from './dockerfile-writer.js';
import { renderRecipe, type RenderOptions } from './render-recipe.js';

const BASE = `images.example.org/debian@sha256:${'ab'.repeat(32)}`;

function file(path: string, text: string): RecipeFile {
  return { path, bytes: new TextEncoder().encode(text), isExecutable: false };
}

function reasonOf(files: readonly RecipeFile[], options: RenderOptions): unknown {
  try {
    return renderRecipe(findRecipe(files), options).origin;
  } catch (error) {
    return error instanceof ArchiveError ? error.code : error;
  }
}

describe('recipes/render/render-recipe', () => {
  it('gives the deposit and the programs of Binder to the builder, sorted', () => {
    const files = [
      file('start', '#!/bin/sh\n'),
      file('postBuild', '#!/bin/sh\n'),
      file('Pipfile', '[packages]\nsix = "*"\n'),
    ];

    const { context, bases, generator } = renderRecipe(findRecipe(files), { base: BASE });

    expect(context.map(({ path, isExecutable }) => [path, isExecutable])).toEqual([
      ['generated/Pipfile.txt', false],
      ['src/Pipfile', false],
      ['src/postBuild', true],
      ['src/start', true],
    ]);
    expect(bases).toEqual([BASE]);
    expect(generator).toEqual({ name: 'envarium', version: '1', compat: 'repo2docker@808ae6bb' });
  });

  it('leaves a deposited Dockerfile as it is, and drops what its ignore file names', () => {
    const text = 'FROM debian:12 AS a\r\nFROM scratch\r\nCOPY --from=tools:1 /a /b\r\nCOPY --from=debian:12 /a /b';
    const files = [file('Dockerfile', text), file('.dockerignore', '*\n!keep'), file('keep', ''), file('drop', '')];

    const { context, ...rendered } = renderRecipe(findRecipe(files), { base: BASE });

    expect(context.map(({ path }) => path)).toEqual(['.dockerignore', 'Dockerfile', 'keep']);
    expect(rendered).toMatchObject({
      origin: 'deposited',
      generator: null,
      dockerfile: text,
      bases: ['debian:12', 'tools:1'],
    });
  });

  it('warns of a base without a digest', () => {
    const { warnings } = renderRecipe(findRecipe([file('start', '')]), { base: 'debian:12' });

    expect(warnings.map(({ code }) => code)).toEqual(['mutable-base']);
  });

  it.each<[string, string, RenderOptions, string]>([
    ['apt.txt', 'jq', { base: BASE }, 'generated'],
    ['apt.txt', 'jq', { base: 'Not A Reference' }, 'RECIPE_INVALID'],
    ['apt.txt', 'jq', { base: 'debian\nRUN true' }, 'RECIPE_INVALID'],
    ['apt.txt', 'jq', { base: BASE, user: 0 }, 'RECIPE_INVALID'],
    ['apt.txt', 'jq', { base: BASE, user: 1.5 }, 'RECIPE_INVALID'],
    ['apt.txt', 'jq', { base: BASE, workDirectory: '/a b' }, 'RECIPE_INVALID'],
    ['apt.txt', 'jq', { base: BASE, workDirectory: '/../etc' }, 'RECIPE_INVALID'],
    ['environment.yml', 'dependencies: [numpy]', { base: BASE }, 'RECIPE_INVALID'],
    ['Project.toml', '', { base: BASE }, 'RECIPE_INVALID'],
    ['Project.toml', '', { base: BASE, julia: { url: 'https://files.example.org/j', sha256: 'x' } }, 'RECIPE_INVALID'],
    ['Project.toml', '', { base: BASE, julia: { url: 'https://a/\nRUN', sha256: 'ab'.repeat(32) } }, 'RECIPE_INVALID'],
    ['runtime.txt', 'r-2022-01-31', { base: BASE }, 'generated'],
    [
      'renv.lock',
      '{"R":{"Version":"4.2.0","Repositories":[]},"Packages":{}}',
      { base: BASE, rRepository: 'x" )' },
      'RECIPE_INVALID',
    ],
    ['requirements.txt', '-r a$b.txt', { base: BASE }, 'RECIPE_INVALID'],
  ])('of %s %j with %j: %s', (path, text, options, expected) => {
    expect(reasonOf([file(path, text), file('a$b.txt', 'six')], options)).toBe(expected);
  });

  it.each(['a', 'a b', "it's", '$HOME `id` "x"', '-n', '', '*', 'a;b'])('hands %j to the shell as one word', (word) => {
    const printed = execFileSync('/bin/sh', ['-c', `printf %s ${shellWord(word)}`], { encoding: 'utf8' });

    expect(printed).toBe(word === '-n' ? '-n' : word);
  });
});
