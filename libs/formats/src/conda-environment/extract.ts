import type { EnvironmentSpec } from '@envarium/schema';
import { isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import { isSecretVariable, secretKindOf } from '../dockerfile/secrets.js';
import { FormatError } from '../format.js';
import { readRequirementLines } from '../pip-requirements/requirement-lines.js';
import { emptySpec } from '../spec.js';
import { splitLines } from '../text.js';
import { parseYaml, type YamlDocument } from '../yaml.js';
import { isExport, noteCredentials, readCondaDependencies, type ListEntry } from './dependencies.js';

/** Marks of the format in text that may be broken YAML. Other files have `dependencies:` too, and no channels. */
const DEPENDENCIES = /^(?:dependencies|[{ \t]*"dependencies"|'dependencies')[ \t]*:/m;
const CHANNELS = /^(?:channels|[{ \t]*"channels"|'channels')[ \t]*:/m;
const FILE_NAME = /(?:^|\/|[-_.])(?:environment|conda[-_.]?env)[^/]*\.ya?ml(?:\.lock)?$/i;

/** by 1-based line */
type Selectors = ReadonlyMap<number, string>;

interface Dependencies {
  readonly conda: readonly ListEntry[];
  readonly pip: readonly ListEntry[];
  readonly others: readonly { readonly installer: string; readonly line: number | null }[];
  /** lines of `pip:` with something else than a list or a string */
  readonly unread: readonly (number | null)[];
}

/**
 * Reads environment.yml and the output of `conda env export`. conda has no specification of it; see
 * https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html#creating-an-environment-file-manually
 */
export function extract(content: string, path: string): EnvironmentSpec | null {
  if (!DEPENDENCIES.test(content) && !CHANNELS.test(content)) return null;
  const document = parseOwn(content, path);
  if (document === null || !isMap(document.root)) return null;
  const dependencies = readDependencies(document, document.root, readSelectors(content));
  if (dependencies === null) return null;

  const spec = emptySpec('conda-environment', 'language');
  readChannels(document, document.root, spec);
  const pinned = isExport(dependencies.conda) ? 'observed' : 'locked';
  readCondaDependencies(dependencies.conda, spec, pinned);
  readPip(dependencies.pip, spec, pinned);
  for (const { installer, line } of dependencies.others) {
    const message = `conda knows no installer ${installer}; its entries are not read.`;
    spec.problems.push({ reason: 'unsupported-installer', message, line });
  }
  for (const line of dependencies.unread) {
    spec.problems.push({ reason: 'syntax-invalid', message: 'The pip part is a mapping, and no list.', line });
  }
  readVariables(document, document.root, spec);
  return spec;
}

/** Broken YAML is refused only where the file is certainly ours. */
function parseOwn(content: string, path: string): YamlDocument | null {
  try {
    return parseYaml(content);
  } catch (error) {
    const isOurs = FILE_NAME.test(path) || (DEPENDENCIES.test(content) && CHANNELS.test(content));
    if (error instanceof FormatError && !isOurs) return null;
    throw error;
  }
}

/** null when the lists are not those of conda: Helm charts, for one, list mappings with name and version. */
function readDependencies(document: YamlDocument, root: YAMLMap, selectors: Selectors): Dependencies | null {
  const node = valueOf(document, root, 'dependencies');
  const hasChannels = isSeq(valueOf(document, root, 'channels'));
  if (!isSeq(node)) {
    const isEmpty = node === null || document.stringOf(node) === '';
    if (!hasChannels) return null;
    if (isEmpty) return { conda: [], pip: [], others: [], unread: [] };
    throw new FormatError('syntax-invalid', 'The dependencies are no list.', document.lineOf(node));
  }
  const conda: ListEntry[] = [];
  const pip: ListEntry[] = [];
  const others: { installer: string; line: number | null }[] = [];
  const unread: (number | null)[] = [];
  for (const item of node.items) {
    if (!isMap(item)) {
      conda.push(...entriesOf(document, item, selectors));
      continue;
    }
    for (const { key, value } of item.items) {
      const installer = document.stringOf(key) ?? '';
      if (installer === 'pip' && isMap(value)) unread.push(document.lineOf(key));
      else if (installer === 'pip') pip.push(...entriesOf(document, value, selectors));
      else others.push({ installer, line: document.lineOf(key) });
    }
  }
  const isConda = conda.length > 0 || pip.length > 0 || hasChannels;
  return isConda ? { conda, pip, others, unread } : null;
}

/** Selectors stand in comments: `- gcc_linux-64  # [linux]`. */
function readSelectors(content: string): Selectors {
  const selectors = new Map<number, string>();
  for (const [index, text] of splitLines(content).entries()) {
    const comment = text.slice(text.lastIndexOf(' #') + 2).trim();
    if (text.includes(' #') && comment.startsWith('[') && comment.endsWith(']')) {
      selectors.set(index + 1, comment.slice(1, -1));
    }
  }
  return selectors;
}

/** The strings of a list, or one string that stands in its place. */
function entriesOf(document: YamlDocument, node: unknown, selectors: Selectors): ListEntry[] {
  if (isSeq(node)) return node.items.flatMap((item) => (isSeq(item) ? [] : entriesOf(document, item, selectors)));
  const text = document.stringOf(node);
  if (text === null) return [];
  const line = document.lineOf(node);
  return [{ text, line, selector: (line === null ? null : selectors.get(line)) ?? null }];
}

function readChannels(document: YamlDocument, root: YAMLMap, spec: EnvironmentSpec): void {
  const channels = entriesOf(document, valueOf(document, root, 'channels'), new Map());
  const indexes = entriesOf(document, valueOf(document, root, 'pip-repositories'), new Map());
  for (const { text, line } of [...channels, ...indexes]) {
    const url = noteCredentials(text, line, spec);
    if (url !== '') spec.sources.push(url);
  }
  spec.sources = [...new Set(spec.sources)];
  if (channels.length > 0) return;
  const message = 'The file names no channels: they were those of a configuration that is not part of it.';
  spec.problems.push({ reason: 'dynamic-value', message, line: null });
}

/** conda hands the list to pip as a requirements file, so that its lines are one text. */
function readPip(entries: readonly ListEntry[], spec: EnvironmentSpec, pinned: 'locked' | 'observed'): void {
  const first = spec.packages.length;
  const selectors = new Map(entries.map(({ line, selector }) => [line, selector]));
  readRequirementLines(
    entries.flatMap(({ text, line }) => splitLines(text).map((part) => ({ text: part, line: line ?? 1 }))),
    spec,
    pinned,
  );
  for (const found of spec.packages.slice(first)) {
    const selector = selectors.get(found.line) ?? null;
    if (selector !== null) found.marker = found.marker === null ? selector : `${found.marker} # [${selector}]`;
  }
}

function readVariables(document: YamlDocument, root: YAMLMap, spec: EnvironmentSpec): void {
  const node = valueOf(document, root, 'variables');
  if (!isMap(node)) return;
  for (const { key, value } of node.items) {
    const name = document.stringOf(key);
    const text = document.stringOf(value);
    if (name === null || text === null) continue;
    const kind = secretKindOf(text) ?? (isSecretVariable(name, text) ? 'password-variable' : null);
    if (kind !== null) spec.secrets.push({ kind, line: document.lineOf(key) });
    spec.variables.push({ name, value: kind === null ? noteCredentials(text, document.lineOf(value), spec) : '' });
  }
}

function valueOf(document: YamlDocument, map: YAMLMap, name: string): unknown {
  const pair = map.items.find(({ key }) => isScalar(key) && document.stringOf(key) === name);
  return pair?.value ?? null;
}
