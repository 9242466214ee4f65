/**
 * `star` any characters of a name; `rest` any characters; `folders` any number of whole folders, of which `inside` is the part
 * that has begun.
 */
type Token =
  | { readonly kind: 'character'; readonly value: string }
  | { readonly kind: 'class'; readonly ranges: readonly (readonly [string, string])[]; readonly isNegated: boolean }
  | { readonly kind: 'any' | 'star' | 'rest' | 'folders' | 'inside' };

/**
 * A pattern of Go's filepath.Match with `**`. It runs all ways of reading side by side, so that no pattern is slow: a regular
 * expression of many stars would be. What fits a folder fits what is in it.
 */
export class GlobPattern {
  private constructor(private readonly tokens: readonly Token[]) {}

  /** @returns null when a class has no end */
  static parse(pattern: string): GlobPattern | null {
    const tokens: Token[] = [];
    let at = 0;
    while (at < pattern.length) {
      const character = pattern.charAt(at);
      if (pattern.startsWith('**/', at)) {
        tokens.push({ kind: 'folders' }, { kind: 'inside' });
        at += 3;
      } else if (pattern.startsWith('**', at)) {
        tokens.push({ kind: 'rest' });
        at += 2;
      } else if (character === '[') {
        const end = pattern.indexOf(']', at + 1);
        if (end === -1) return null;
        tokens.push(parseClass(pattern.slice(at + 1, end)));
        at = end + 1;
      } else {
        const isEscaped = character === '\\' && at + 1 < pattern.length;
        tokens.push(isEscaped ? { kind: 'character', value: pattern.charAt(at + 1) } : single(character));
        at += isEscaped ? 2 : 1;
      }
    }
    return new GlobPattern(tokens);
  }

  match(path: string): { fits: boolean; steps: number } {
    let steps = 0;
    let states = new Set<number>();
    this.#enter(states, 0);
    for (const character of path) {
      if (character === '/' && states.has(this.tokens.length)) return { fits: true, steps };
      const next = new Set<number>();
      for (const state of states) this.#step(next, state, character);
      steps += states.size + 1;
      if (next.size === 0) return { fits: false, steps };
      states = next;
    }
    return { fits: states.has(this.tokens.length), steps };
  }

  /** What may stand for nothing is passed at once. */
  #enter(states: Set<number>, state: number): void {
    for (let at = state; !states.has(at);) {
      states.add(at);
      const kind = this.tokens[at]?.kind;
      if (kind === 'folders') {
        states.add(at + 1);
        at += 2;
      } else if (kind === 'star' || kind === 'rest') at += 1;
    }
  }

  #step(next: Set<number>, state: number, character: string): void {
    const token = this.tokens[state];
    if (token === undefined || token.kind === 'folders') return;
    if (token.kind === 'inside') {
      next.add(state);
      if (character === '/') this.#enter(next, state + 1);
    } else if (token.kind === 'rest') this.#enter(next, state);
    else if (token.kind === 'star') {
      if (character !== '/') this.#enter(next, state);
    } else if (fits(token, character)) this.#enter(next, state + 1);
  }
}

function single(character: string): Token {
  if (character === '*') return { kind: 'star' };
  return character === '?' ? { kind: 'any' } : { kind: 'character', value: character };
}

function parseClass(text: string): Token {
  const isNegated = text.startsWith('^');
  const ranges = [...text.slice(isNegated ? 1 : 0).matchAll(/(.)-(.)|(.)/gs)].map(
    ([, low, high, one = '']): [string, string] => [low ?? one, high ?? one],
  );
  return { kind: 'class', ranges, isNegated };
}

function fits(token: Exclude<Token, { kind: 'star' | 'rest' | 'folders' | 'inside' }>, character: string): boolean {
  if (token.kind === 'character') return token.value === character;
  if (character === '/') return false;
  if (token.kind !== 'class') return true;
  return token.ranges.some(([low, high]) => low <= character && character <= high) !== token.isNegated;
}
