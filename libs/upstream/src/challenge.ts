/** One way to log in, as a 401 offers it. https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1 */
export interface Challenge {
  /** Lower-case. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

const MAX_LENGTH = 8192;
const SPACE = /[ \t]*/y;
const SEPARATORS = /[ \t,]*/y;
const SCHEME = /([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:[ \t]+|(?=,|$))/y;
const PARAMETER = /([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"=]+))/y;
/** Credentials in one piece instead of parameters, as in `Negotiate abc==`. */
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*[ \t]*(?=,|$)/y;

/** Reads what it can; what is malformed ends the list. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  if (header.length > MAX_LENGTH) return challenges;
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(header);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  take(SEPARATORS);
  while (at < header.length) {
    const scheme = take(SCHEME);
    if (scheme === null) return challenges;
    const parameters = new Map<string, string>();
    challenges.push({ scheme: (scheme[1] ?? '').toLowerCase(), parameters });
    for (let isFirst = true; ; isFirst = false) {
      take(SPACE);
      const parameter = take(PARAMETER);
      if (parameter !== null) {
        const [, name = '', quoted, plain = ''] = parameter;
        parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain);
      } else if (!isFirst || take(TOKEN68) === null) break;
      if (!/,/.test(take(SEPARATORS)?.[0] ?? '') || at === header.length) break;
    }
    take(SEPARATORS);
  }
  return challenges;
}
