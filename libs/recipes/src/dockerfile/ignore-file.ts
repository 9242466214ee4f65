import type { RecipeFile } from '../recipe-file.js';
import { recipeRefused } from '../refusal.js';
import { GlobPattern } from './glob-pattern.js';

interface Rule {
  readonly pattern: GlobPattern;
  readonly isException: boolean;
}

/** Steps of matching for all files of a deposit, about a second. */
const MOST_STEPS = 300_000_000;

/**
 * The files that a builder sends, by the deposit's `.dockerignore`; the last rule that fits decides. The Dockerfile and the
 * ignore file themselves are always there. https://docs.docker.com/build/concepts/context/#dockerignore-files
 *
 * @throws ArchiveError RECIPE_REFUSED when there are too many rules for so many files
 */
export function withoutIgnored(
  files: readonly RecipeFile[],
  ignoreFile: string,
  always: ReadonlySet<string>,
): RecipeFile[] {
  const rules = ignoreFile
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .flatMap(readRule)
    .toReversed();
  let steps = 0;
  const isSent = (path: string): boolean => {
    for (const { pattern, isException } of rules) {
      const match = pattern.match(path);
      steps += match.steps;
      if (steps > MOST_STEPS) throw recipeRefused('.dockerignore', null, 'There are too many rules for so many files.');
      if (match.fits) return isException;
    }
    return true;
  };
  return files.filter(({ path }) => always.has(path) || isSent(path));
}

function readRule(line: string): Rule[] {
  if (line.startsWith('#')) return [];
  const text = line.trim();
  const isException = text.startsWith('!');
  const path = cleanPath(isException ? text.slice(1).trim() : text);
  const pattern = path === '' ? null : GlobPattern.parse(path);
  return pattern === null ? [] : [{ pattern, isException }];
}

function cleanPath(pattern: string): string {
  const segments: string[] = [];
  for (const segment of pattern.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return segments.join('/');
}
