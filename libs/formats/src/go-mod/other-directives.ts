import { FormatError } from '../format.js';
import { isModuleVersion } from './module-version.js';
import { invalid, onlyWord, shown, type Statement } from './statements.js';

/** Directives that say nothing of what is built. The go command refuses a file where one is wrong. */
export function checkOtherDirectives(statements: readonly Statement[]): void {
  for (const { verb, words, line } of statements) {
    if (verb === 'module' || verb === 'tool' || verb === 'ignore') onlyWord(words, verb, line);
    else if (verb === 'godebug' && !/^[^="`',]+=[^="`',]*$/.test(onlyWord(words, verb, line))) {
      throw invalid('godebug takes key=value.', line);
    } else if (verb === 'retract') checkRetraction(words, line);
  }
}

/** A version, or `[low, high]`. */
function checkRetraction(words: readonly string[], line: number): void {
  const [open, low, comma, high, close] = words;
  const isInterval = open === '[' && comma === ',' && close === ']' && words.length === 5;
  const versions = isInterval ? [low, high] : words;
  if (!isInterval && words.length !== 1) throw invalid('retract takes a version or [version, version].', line);
  for (const version of versions) {
    if (version === undefined || !isModuleVersion(version)) {
      throw new FormatError('version-invalid', `${shown(version ?? '')} is no version of a module.`, line);
    }
  }
}
