import { redactUrl } from '@envarium/formats';

/** Who and where we are: what must not stand in an archive that can never be withdrawn. */
export interface Identity {
  /** Login name; null when the system knows none. */
  readonly user: string | null;
  readonly home: string | null;
  readonly host: string | null;
}

export interface RedactedText {
  readonly text: string;
  /** Places that were changed. */
  readonly count: number;
}

const URL_WORD = /[A-Za-z][A-Za-z0-9+.-]{1,15}:\/\/[^\s"'`<>\\]{1,4096}/g;
/** Home directories of anybody: `/home/ada`, `/Users/ada`, `C:\Users\ada`. */
const HOME =
  /((?:^|[^\w.-])(?:\/home|\/Users|\/users|[A-Za-z]:\\{1,2}Users)[/\\]{1,2})([^/\\\s"'`:;,<>()[\]{}]{1,64})/gm;
export const SOMEBODY = 'user';

/** Names too common to be looked for: they would change words that tell of nobody. */
const COMMON: ReadonlySet<string> = new Set(['root', 'user', 'home', 'admin', 'python', 'conda', 'localhost', 'build']);

/**
 * Takes credentials out of URLs, and the names of persons and of this machine out of paths. Everything else stays as it
 * is, byte for byte.
 */
export function redactText(text: string, identity: Identity): RedactedText {
  let count = 0;
  const counting = (before: string, after: string): string => {
    if (before !== after) count += 1;
    return after;
  };
  let redacted = text.replace(URL_WORD, (url) => counting(url, redactUrl(url).url));
  redacted = redacted.replace(HOME, (whole: string, prefix: string) => counting(whole, `${prefix}${SOMEBODY}`));
  const { home, user, host } = identity;
  // A home elsewhere, as on clusters: /gpfs/home/ada.
  if (home !== null && user !== null && isTelling(user) && home.endsWith(`/${user}`)) {
    const place = home.slice(0, -user.length);
    redacted = replaceWord(redacted, home, () => counting(home, `${place}${SOMEBODY}`));
  }
  if (host !== null && isTelling(host)) redacted = replaceWord(redacted, host, () => counting(host, 'localhost'));
  return { text: redacted, count };
}

function isTelling(name: string): boolean {
  return name.length > 2 && !COMMON.has(name.toLowerCase());
}

/** As a whole word only, without a regular expression made of foreign text. */
function replaceWord(text: string, word: string, replace: () => string): string {
  const [first = '', ...rest] = text.split(word);
  let result = first;
  for (const part of rest) {
    const isWhole = !/[\w-]$/.test(result) && !/^[\w-]/.test(part);
    result += (isWhole ? replace() : word) + part;
  }
  return result;
}

const SECRET_OPTION = /^--?[\w-]*(?:token|password|passwd|secret|api-?_?key|credential)[\w-]*$/i;
const SECRET_ASSIGNMENT = /^(-{0,2}[\w-]*(?:token|password|passwd|secret|api-?_?key|credential)[\w-]*=)./i;
const HIDDEN = '***';

/** Words of a command line, without what is given for secrets. */
export function redactArguments(words: readonly string[], identity: Identity): string[] {
  return words.map((word, index) => {
    const assigned = SECRET_ASSIGNMENT.exec(word)?.[1];
    if (assigned !== undefined) return `${assigned}${HIDDEN}`;
    if (SECRET_OPTION.test(words[index - 1] ?? '') && !word.startsWith('-')) return HIDDEN;
    return redactText(word, identity).text;
  });
}
