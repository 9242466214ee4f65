/** Options that pip takes in a requirements file, and whether a value follows. */
const OPTIONS = new Map<string, boolean>([
  ['--index-url', true],
  ['--pypi-url', true],
  ['--extra-index-url', true],
  ['--no-index', false],
  ['--constraint', true],
  ['--requirement', true],
  ['--editable', true],
  ['--find-links', true],
  ['--no-binary', true],
  ['--only-binary', true],
  ['--prefer-binary', false],
  ['--require-hashes', false],
  ['--pre', false],
  ['--trusted-host', true],
  ['--use-feature', true],
  ['--global-option', true],
  ['--hash', true],
  ['--config-settings', true],
  ['--config-setting', true],
]);

const SHORT = new Map<string, string>([
  ['-i', '--index-url'],
  ['-c', '--constraint'],
  ['-r', '--requirement'],
  ['-e', '--editable'],
  ['-f', '--find-links'],
  ['-C', '--config-settings'],
]);

export interface LineOption {
  /** long spelling */
  readonly name: string;
  readonly value: string;
}

/**
 * The options of one line, split as a POSIX shell would.
 * https://pip.pypa.io/en/stable/reference/requirements-file-format/#supported-options
 *
 * @returns null when one of them is unknown there or lacks its value: pip then refuses the line
 */
export function parseOptions(text: string): LineOption[] | null {
  const words = splitWords(text);
  if (words === null) return null;
  const options: LineOption[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const { spelling, attached } = splitOption(word);
    const name = longName(spelling);
    if (name === null) return null;
    if (OPTIONS.get(name) === false) {
      if (attached !== null) return null;
      options.push({ name, value: '' });
      continue;
    }
    const value = attached ?? words[index + 1];
    if (value === undefined) return null;
    if (attached === null) index += 1;
    options.push({ name: name === '--pypi-url' ? '--index-url' : name, value });
  }
  return options;
}

function splitOption(word: string): { spelling: string; attached: string | null } {
  if (!word.startsWith('--')) {
    return { spelling: word.slice(0, 2), attached: word.length > 2 ? word.slice(2) : null };
  }
  const equals = word.indexOf('=');
  if (equals === -1) return { spelling: word, attached: null };
  return { spelling: word.slice(0, equals), attached: word.slice(equals + 1) };
}

/** Python's optparse takes any beginning that only one option has. */
function longName(spelling: string): string | null {
  if (!spelling.startsWith('--')) return SHORT.get(spelling) ?? null;
  if (OPTIONS.has(spelling)) return spelling;
  const [match, ...others] = [...OPTIONS.keys()].filter((name) => spelling.length > 2 && name.startsWith(spelling));
  return match !== undefined && others.length === 0 ? match : null;
}

/** @returns null when a quote stays open */
export function splitWords(text: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (quote === null && /\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (character === quote) {
      quote = null;
    } else if (quote === null && (character === '"' || character === "'")) {
      quote = character;
      word ??= '';
    } else if (character === '\\' && isEscape(quote, text.charAt(index + 1))) {
      index += 1;
      word = (word ?? '') + text.charAt(index);
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== null) return null;
  if (word !== null) words.push(word);
  return words;
}

function isEscape(quote: string | null, next: string): boolean {
  if (next === '' || quote === "'") return false;
  return quote === null || next === '"' || next === '\\';
}
