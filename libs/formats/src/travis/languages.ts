/**
 * Values of `language` with the key that asks for versions, and the runtime these are versions of.
 * https://docs.travis-ci.com/user/languages/
 */
const VERSION_KEYS: ReadonlyMap<string, readonly [key: string, runtime: string]> = new Map([
  ['python', ['python', 'python']],
  ['r', ['r', 'r']],
  ['julia', ['julia', 'julia']],
  ['node_js', ['node_js', 'node']],
  ['javascript', ['node_js', 'node']],
  ['ruby', ['rvm', 'ruby']],
  ['go', ['go', 'go']],
  ['golang', ['go', 'go']],
  ['rust', ['rust', 'rust']],
  ['java', ['jdk', 'java']],
  ['scala', ['scala', 'scala']],
  ['php', ['php', 'php']],
  ['perl', ['perl', 'perl']],
  ['haskell', ['ghc', 'ghc']],
]);
/** Languages that ask for no version of a runtime. */
const OTHERS =
  /^(?:android|bash|c|c\+\+|cpp|clojure|csharp|d|dart|elixir|elm|erlang|generic|groovy|haxe|matlab|minimal|nix|objective-c|perl6|pharo|ruby|sh|shell|smalltalk|swift)$/;

export function versionKeyOf(language: string): readonly [key: string, runtime: string] | null {
  return VERSION_KEYS.get(language) ?? null;
}

export function isLanguage(language: string): boolean {
  return VERSION_KEYS.has(language) || OTHERS.test(language);
}

/** Code names that `dist` takes, https://docs.travis-ci.com/user/reference/linux/; all are of Ubuntu. */
const UBUNTU = /^(?:precise|trusty|xenial|bionic|focal|jammy|noble)$/;

export function isUbuntu(dist: string): boolean {
  return UBUNTU.test(dist);
}
