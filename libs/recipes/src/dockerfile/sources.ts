import type { Word, Instruction } from './instructions.js';

/** What BuildKit clones instead of fetching. https://docs.docker.com/reference/dockerfile/#adding-files-from-a-git-repository */
const GIT_SOURCE = /^(?:(?:git|ssh):\/\/|[\w.-]+@[\w.-]+:|github\.com\/|https?:\/\/[^#?]+\.git(?:[#?].*)?$)/i;

export function isGitSource(source: string): boolean {
  return GIT_SOURCE.test(source);
}

export interface Flag {
  readonly name: string;
  readonly value: string;
  readonly word: Word;
}

export function flagsOf(instruction: Instruction): Flag[] {
  return instruction.flags.map((word) => {
    const [, name = '', value = ''] = /^--([^=]*)=?(.*)$/s.exec(word.raw) ?? [];
    return { name, value, word };
  });
}

/** Options of `--mount=type=bind,from=...`. */
export function mountOptions(flag: Flag): Map<string, string> {
  return new Map(
    flag.value.split(',').map((option): [string, string] => {
      const at = option.indexOf('=');
      return at === -1 ? [option.toLowerCase(), ''] : [option.slice(0, at).toLowerCase(), option.slice(at + 1)];
    }),
  );
}

/**
 * The words of COPY and ADD without the last one, which is where they go; heredocs are no sources.
 *
 * @returns null when there is no destination
 */
export function copySources(instruction: Instruction): string[] | null {
  const words = jsonWords(instruction.rest) ?? instruction.words.map(({ raw }) => raw);
  if (words.length < 2) return null;
  return words.slice(0, -1).filter((word) => !word.startsWith('<<'));
}

function jsonWords(rest: string): string[] | null {
  if (!rest.startsWith('[')) return null;
  try {
    const words: unknown = JSON.parse(rest);
    return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words : null;
  } catch {
    return null;
  }
}
