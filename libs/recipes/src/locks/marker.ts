/** What a part of a marker comes to: known, or left to the installer. */
export type Truth = boolean | string;

type Decide = (atom: string) => boolean | null;

const TOKEN = /\s*(?:(\(|\))|((?:"[^"]*"|'[^']*'|[^()"'\s]+)))/y;
const MOST_LEVELS = 64;

/**
 * Works out the parts of an environment marker (PEP 508) that are decided here, such as groups and extras, and leaves the
 * others as they are written: the installer knows its platform.
 *
 * @returns null when the text is no marker
 */
export function simplifyMarker(marker: string, decide: Decide): Truth | null {
  const tokens = tokenize(marker);
  if (tokens === null) return null;
  let at = 0;

  function readOr(level: number): Truth | null {
    let left = readAnd(level);
    while (left !== null && tokens?.[at] === 'or') {
      at += 1;
      const right = readAnd(level);
      left = right === null ? null : either(left, right);
    }
    return left;
  }

  function readAnd(level: number): Truth | null {
    let left = readAtom(level);
    while (left !== null && tokens?.[at] === 'and') {
      at += 1;
      const right = readAtom(level);
      left = right === null ? null : both(left, right);
    }
    return left;
  }

  function readAtom(level: number): Truth | null {
    if (level > MOST_LEVELS) return null;
    if (tokens?.[at] === '(') {
      at += 1;
      const inner = readOr(level + 1);
      if (tokens[at] !== ')') return null;
      at += 1;
      return inner;
    }
    const start = at;
    while (at < (tokens?.length ?? 0) && !['and', 'or', '(', ')'].includes(tokens?.[at] ?? '')) at += 1;
    const atom = tokens?.slice(start, at).join(' ') ?? '';
    return atom === '' ? null : (decide(atom) ?? atom);
  }

  const truth = readOr(0);
  return at === tokens.length ? truth : null;
}

export function both(left: Truth, right: Truth): Truth {
  if (left === false || right === false) return false;
  if (left === true) return right;
  if (right === true || left === right) return left;
  return `${inParentheses(left)} and ${inParentheses(right)}`;
}

export function either(left: Truth, right: Truth): Truth {
  if (left === true || right === true) return true;
  if (left === false) return right;
  if (right === false || left === right) return left;
  return `${left} or ${right}`;
}

function inParentheses(marker: string): string {
  return / or /.test(marker) ? `(${marker})` : marker;
}

function tokenize(marker: string): string[] | null {
  const text = marker.trim();
  const tokens: string[] = [];
  let at = 0;
  while (at < text.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) return null;
    tokens.push(match[1] ?? match[2] ?? '');
    at = TOKEN.lastIndex;
  }
  return tokens;
}
