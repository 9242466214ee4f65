import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { guixManifestFormat } from './index.js';

const fixture = (name: string): string => readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8');
const read = (content: string) => guixManifestFormat.extract(content);
const namesIn = (content: string) => read(content)?.packages.map(({ name }) => name);

describe('formats/guix-manifest/extract', () => {
  it('gives the packages that stand in strings, without a version', () => {
    const spec = read(fixture('manifest.scm'));

    expect(
      spec?.packages.map(({ name, version, specifier, build, line, skipReason }) => [
        name,
        version,
        specifier,
        build,
        line,
        skipReason,
      ]),
    ).toEqual([
      ['python', null, '@3.10', null, 9, 'version-range'],
      ['gcc-toolchain', null, null, 'static', 10, 'no-version'],
      ['r-ggplot2', null, null, null, 12, 'no-version'],
      ['make', null, null, null, 4, 'no-version'],
      ['git', null, '@2', null, 4, 'version-range'],
      ['openblas', null, null, null, 16, 'no-version'],
    ]);
  });

  it('says what only the program knows', () => {
    expect(read(fixture('manifest.scm'))?.problems.map(({ reason, line }) => [reason, line])).toEqual([
      ['dynamic-value', 15],
      ['dynamic-value', 17],
      ['no-version', null],
    ]);
  });

  it('gives the packages of an installed profile as observed, those that came along too', () => {
    const spec = read(fixture('guix-profile.scm'));

    expect(
      spec?.packages.map(({ name, version, build, standing, line }) => [name, version, build, standing, line]),
    ).toEqual([
      ['python', '3.10.7', null, 'observed', 4],
      ['tcl', '8.6.12', null, 'observed', 6],
      ['git', '2.41.0', 'send-email', 'observed', 10],
    ]);
    expect(spec?.problems).toEqual([]);
  });

  it.each([
    [`(specifications->manifest '("a" "b"))`, ['a', 'b']],
    ['(specifications->manifest (cons* "a" "b" (list "c")))', ['a', 'b', 'c']],
    [`(packages->manifest (map specification->package (list "a")))`, ['a']],
    [`(packages->manifest (map (compose list specification->package+output) '("a:lib")))`, ['a']],
    ['(define l (list "a"))\n(specifications->manifest l)', ['a']],
    ['(define l (list "a"))\n(define l (list "b"))\n(specifications->manifest l)', []],
    ['(define l l)\n(specifications->manifest l)', []],
    ['(specifications->manifest (if x (list "a") (list "b")))', []],
    ['(specifications->manifest (list a-variable "not a name"))', []],
  ])('reads %s', (content, names) => {
    expect(namesIn(content)).toEqual(names);
  });

  it('ends when definitions are built of one another', () => {
    const lines = Array.from({ length: 30 }, (_, index) => `(define l${index} (append l${index + 1} l${index + 1}))`);

    expect(namesIn(`${lines.join('\n')}\n(define l30 (list "a"))\n(specifications->manifest l0)`)?.length).toBeLessThan(
      200,
    );
  });

  it.each([
    ['channels', `(list (channel (name 'guix) (url "u")))`],
    ['another program', '(define (manifest x) x)'],
    ['prose', 'Use (specifications->manifest (list "a")).'],
    ['nothing', ''],
  ])('leaves %s to other formats', (_, content) => {
    expect(read(content)).toBeNull();
  });
});
