import { splitWords } from '../pip-requirements/options.js';
import { splitLinesWithinLimit } from '../text.js';

export interface Command {
  readonly words: readonly string[];
  /** 1-based */
  readonly line: number;
}

const HEREDOC = /<<-?\s*["']?([A-Za-z_]\w*)["']?/;
/** Words before a command that change nothing of what it is. */
const PREFIX = /^(?:sudo|exec|time|then|do|else|if|!|\{|\(|[A-Za-z_]\w*=.*)$/;

/**
 * The simple commands of a shell script, for whoever looks for literal words in them. Nothing is expanded and no branch is
 * followed: a command that stands in the text may never run. Bodies of here-documents are no commands.
 *
 * @param longest characters of a line that is read
 * @throws FormatError when there are too many lines
 */
export function readCommands(script: string, longest: number): Command[] {
  const commands: Command[] = [];
  let delimiter: string | null = null;
  let parts = '';
  let first = 0;
  for (const [index, text] of splitLinesWithinLimit(script).entries()) {
    if (delimiter !== null) {
      if (text.trim() === delimiter) delimiter = null;
      continue;
    }
    if (parts === '') first = index + 1;
    const goesOn = text.endsWith('\\');
    parts += goesOn ? `${text.slice(0, -1)} ` : text;
    if (goesOn && parts.length <= longest) continue;
    if (parts.length <= longest) {
      delimiter = HEREDOC.exec(parts)?.[1] ?? null;
      commands.push(...splitCommands(parts, first));
    }
    parts = '';
  }
  return commands;
}

/** At `;`, `&`, `|` and the end, outside of quotes; `#` behind a blank begins a comment. */
function splitCommands(text: string, line: number): Command[] {
  const commands: Command[] = [];
  let quote = '';
  let start = 0;
  const add = (end: number): void => {
    const words = splitWords(text.slice(start, end)) ?? [];
    const from = words.findIndex((word) => !PREFIX.test(word));
    if (from !== -1) commands.push({ words: words.slice(from), line });
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\' && quote !== "'") at += 1;
    else if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '#' && (at === 0 || /\s/.test(text.charAt(at - 1)))) {
      add(at);
      return commands;
    } else if (character === ';' || character === '&' || character === '|') {
      add(at);
      start = at + 1;
    }
  }
  add(text.length);
  return commands;
}
