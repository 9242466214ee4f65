import type { RecipeFile } from '../recipe-file.js';

interface Rule {
  readonly pattern: RegExp;
  readonly isException: boolean;
}

const MOST_RULES = 1000;

/**
 * The files that a builder sends, by the deposit's `.dockerignore`; the last rule that fits decides. The Dockerfile and the
 * ignore file themselves are always there. https://docs.docker.com/build/concepts/context/#dockerignore-files
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
    .slice(0, MOST_RULES);
  return files.filter(({ path }) => {
    if (always.has(path)) return true;
    return rules.findLast(({ pattern }) => pattern.test(path))?.isException ?? true;
  });
}

function readRule(line: string): Rule[] {
  if (line.startsWith('#')) return [];
  const text = line.trim();
  const isException = text.startsWith('!');
  const path = cleanPath(isException ? text.slice(1).trim() : text);
  if (path === '') return [];
  const pattern = toPattern(path);
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

/** Go's filepath.Match, and `**` for any number of folders. A rule that names a folder holds for what is in it. */
function toPattern(path: string): RegExp | null {
  let source = '';
  for (let at = 0; at < path.length; at += 1) {
    const character = path.charAt(at);
    if (path.startsWith('**', at)) {
      at += 1;
      const isFolder = path.charAt(at + 1) === '/';
      if (isFolder) at += 1;
      // Several in a row mean what one means, and would make the search slow.
      if (!/(?:\(\?:\.\*\/\)\?|\.\*)$/.test(source)) source += isFolder ? '(?:.*/)?' : '.*';
    } else if (character === '*') source += source.endsWith('[^/]*') ? '' : '[^/]*';
    else if (character === '?') source += '[^/]';
    else if (character === '[') {
      const end = path.indexOf(']', at + 1);
      if (end === -1) return null;
      source += `[${path
        .slice(at + 1, end)
        .replaceAll('\\', '\\\\')
        .replaceAll('[', '\\[')}]`;
      at = end;
    } else if (character === '\\' && at + 1 < path.length) {
      at += 1;
      source += escapePattern(path.charAt(at));
    } else source += escapePattern(character);
  }
  try {
    return new RegExp(`^${source}(?:/.*)?$`, 's');
  } catch {
    return null;
  }
}

function escapePattern(character: string): string {
  return character.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
