import type { EnvironmentSpec, SpecPackage } from '@envarium/schema';
import { FormatError } from '../format.js';
import { formatPurl } from '../purl.js';
import { redactUrl } from '../redact.js';
import { headOf, listsIn, parseSExpressions, type Datum, type ListDatum } from '../s-expression.js';
import { addSource, emptySpec, specPackage } from '../spec.js';

const MAY_BE = /\(channel\s|%default-(?:guix-)?channels?(?![\w-])/;
/** Other programs have channels too; these words stand in no other language. */
const MARK = /\(name\s+'|\(url\s+"|%default-(?:guix-)?channels?(?![\w-])|make-channel-introduction/;
const MOST_CHARACTERS = 1024 * 1024;
const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
const GITHUB = /^(?:https?|git):\/\/github\.com\/([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/;

/** Reads channel forms wherever they stand; the program around them is not evaluated. */
export function extract(content: string): EnvironmentSpec | null {
  if (!MAY_BE.test(content) || !MARK.test(content) || !/^\s*(?:[(;'`]|#[|!;])/.test(content)) return null;
  if (content.length > MOST_CHARACTERS) {
    throw new FormatError('limit-exceeded', `A Scheme file is read up to ${MOST_CHARACTERS} characters.`);
  }
  const data = parseSExpressions(content);
  const spec = emptySpec('guix-channels', 'host');
  for (const list of listsIn(data)) {
    if (headOf(list) === 'channel') readChannel(list, spec);
    for (const item of list.items) noteDefaults(item, spec);
  }
  for (const datum of data) noteDefaults(datum, spec);
  return spec.packages.length + spec.problems.length === 0 ? null : spec;
}

function readChannel(form: ListDatum, spec: EnvironmentSpec): void {
  const { line } = form;
  const name = literalOf(form, 'name');
  if (name === null) {
    const message = 'A channel has a name that only the program knows.';
    spec.problems.push({ reason: 'dynamic-value', message, line });
    return;
  }
  const written = literalOf(form, 'url');
  const { url, hadCredentials } = redactUrl(written ?? '');
  if (hadCredentials) spec.secrets.push({ kind: 'url-credentials', line });
  if (written !== null) addSource(spec, url);
  const commit = literalOf(form, 'commit');
  const version = commit !== null && COMMIT.test(commit) ? commit : null;
  spec.packages.push(
    specPackage({
      ecosystem: 'guix',
      name,
      version,
      specifier: specifierOf(form, version === null ? commit : null),
      standing: version === null ? 'declared' : 'locked',
      purl: version === null ? null : channelPurl(url, version),
      source: written === null ? null : url,
      group: 'channel',
      line,
      skipReason: version === null ? reasonOf(form) : null,
    }),
  );
}

/** What the channel asks for besides its commit, in the words of the file. */
function specifierOf(form: ListDatum, shortCommit: string | null): string | null {
  const branch = literalOf(form, 'branch');
  const introduction = listsIn([form]).find((list) => headOf(list) === 'make-channel-introduction');
  const strings = listsIn(introduction === undefined ? [] : [introduction]).flatMap(({ items }) =>
    items.flatMap(stringOf),
  );
  const parts = [
    ...(shortCommit === null ? [] : [`commit ${shortCommit}`]),
    ...(branch === null ? [] : [`branch ${branch}`]),
    ...(strings.length === 0 ? [] : [`introduction ${strings.join(' ')}`]),
  ];
  return parts.length === 0 ? null : parts.join(', ');
}

function reasonOf(form: ListDatum): SpecPackage['skipReason'] {
  return form.items.some((item) => headOf(item) === 'commit') ? 'version-invalid' : 'no-version';
}

function channelPurl(url: string, version: string): string | null {
  const [, namespace, name] = GITHUB.exec(url) ?? [];
  return namespace === undefined || name === undefined
    ? null
    : formatPurl({ type: 'github', namespace, name, version });
}

/** `(name 'guix)`, `(url "...")`: the string or quoted symbol of a field; null for anything a program would compute. */
function literalOf(form: ListDatum, field: string): string | null {
  const entry = form.items.find((item) => headOf(item) === field);
  const value = entry?.kind === 'list' && entry.items.length === 2 ? entry.items[1] : undefined;
  if (value?.kind === 'string') return value.text === '' ? null : value.text;
  const quoted = value?.kind === 'list' && headOf(value) === 'quote' ? value.items[1] : undefined;
  return quoted?.kind === 'symbol' ? quoted.text : null;
}

function stringOf(datum: Datum): string[] {
  return datum.kind === 'string' ? [datum.text] : [];
}

function noteDefaults(datum: Datum, spec: EnvironmentSpec): void {
  if (datum.kind !== 'symbol' || !/^%default-(?:guix-)?channels?$/.test(datum.text)) return;
  const message = `${datum.text} stands for the channels of the machine, at commits that the file does not name.`;
  spec.problems.push({ reason: 'dynamic-value', message, line: datum.line });
}
