import { readTokens, type Token } from './tokens.js';

export interface InstallCall {
  /** without the package that it is of: `install_github` */
  readonly name: string;
  readonly texts: readonly LiteralText[];
  /** second literal text of install_version */
  readonly version: string | null;
}

export interface LiteralText {
  readonly value: string;
  readonly line: number;
}

/** Functions that install what their first argument names, and the packages that they are of. */
const FUNCTION =
  /^(?:(?:utils|BiocManager|remotes|devtools|pak|renv|bspm)::)?(?<name>install\.packages|install|biocLite|install_(?:cran|version|bioc|github|gitlab)|pkg_install|pak)$/;
/** `install` and `pak` mean much else without the package in front. */
const VAGUE = /^(?:install|pak)$/;
/** What the first argument is called where it is named. */
const FIRST = /^(?:pkgs?|package|packages|repo)$/;
/** Longer calls are no lists that a hand has written. */
const MOST_TOKENS = 10_000;

/** Calls whose first argument is a text, or `c(...)` of texts. What is worked out is left out. */
export function* findInstallCalls(text: string): Generator<InstallCall> {
  const tokens = readTokens(text);
  let before: Token | null = null;
  for (let next = tokens.next(); next.done !== true; next = tokens.next()) {
    const token: Token = next.value;
    const isCall = isMark(token, '(') && before?.kind === 'name';
    const name = isCall ? nameOf(before?.value ?? '') : null;
    before = token;
    if (name === null) continue;
    const [first, second] = readArguments(tokens);
    const texts = first === undefined ? [] : literalTexts(first);
    if (texts.length > 0) yield { name, texts, version: literalTexts(second ?? [])[0]?.value ?? null };
  }
}

function nameOf(written: string): string | null {
  const name = FUNCTION.exec(written)?.groups?.['name'] ?? null;
  return name !== null && VAGUE.test(written) ? null : name;
}

/** The arguments of a call, up to the bracket that closes it; what is named as the first comes first. */
function readArguments(tokens: Iterator<Token>): Token[][] {
  const all: Token[][] = [[]];
  let depth = 1;
  let count = 0;
  for (let next = tokens.next(); next.done !== true; next = tokens.next()) {
    const token = next.value;
    if (isMark(token, '(') || isMark(token, '[') || isMark(token, '{')) depth += 1;
    if (isMark(token, ')') || isMark(token, ']') || isMark(token, '}')) depth -= 1;
    count += 1;
    if (depth === 0 || count > MOST_TOKENS) break;
    if (depth === 1 && isMark(token, ',')) all.push([]);
    else all.at(-1)?.push(token);
  }
  if (depth > 0) return [];
  const named = all.findIndex(
    ([name, equals]) => name?.kind === 'name' && FIRST.test(name.value ?? '') && isEquals(equals),
  );
  return named > 0 ? [...all.splice(named, 1), ...all] : all;
}

/** `"a"`, `c("a", "b")`, either behind `name =`; empty when anything else stands there. */
function literalTexts(argument: readonly Token[]): LiteralText[] {
  const value = isEquals(argument[1]) ? argument.slice(2) : argument;
  const isVector =
    value[0]?.kind === 'name' && value[0].value === 'c' && isMark(value[1], '(') && isMark(value.at(-1), ')');
  const items = isVector ? value.slice(2, -1).filter((token) => !isMark(token, ',')) : value;
  if (!isVector && items.length > 1) return [];
  const texts = items.flatMap(({ kind, value: text, line }) =>
    kind === 'text' && text !== null ? { value: text, line } : [],
  );
  return texts.length === items.length ? texts : [];
}

function isEquals(token: Token | undefined): boolean {
  return isMark(token, '=');
}

function isMark(token: Token | undefined, value: string): boolean {
  return token?.kind === 'mark' && token.value === value;
}
