import { isAlias, isMap, isSeq } from 'yaml';
import { BlockYamlReader, UnusualYaml } from './block-yaml.js';
import { FormatError } from './format.js';
import { limits } from './limits.js';
import { parseYaml, type YamlDocument } from './yaml.js';

/** A value of a YAML document. Scalars are strings: `3.10` is not 3.1 and `on` is not true. */
export type YamlNode =
  | { readonly kind: 'scalar'; readonly text: string; readonly line: number }
  | { readonly kind: 'mapping'; readonly entries: ReadonlyMap<string, YamlNode>; readonly line: number }
  | { readonly kind: 'sequence'; readonly items: readonly YamlNode[]; readonly line: number };

/**
 * Reads a lock file, which may be long: what programs write in one pass, the rest of YAML as far as its parser may go.
 *
 * @throws FormatError with the line of the fault
 */
export function readYamlTree(text: string): YamlNode {
  if (text.length > limits.lockCharacters) {
    throw new FormatError('limit-exceeded', `A lock file is read up to ${limits.lockCharacters} characters.`);
  }
  try {
    return new BlockYamlReader(text).read();
  } catch (error) {
    if (!(error instanceof UnusualYaml)) throw error;
    if (text.length <= limits.yamlCharacters) return treeOf(parseYaml(text));
    const message = `A file of this length is read in plain block style only; line ${error.line} is not in it.`;
    throw new FormatError('limit-exceeded', message, error.line, { cause: error });
  }
}

/** The value under a key of a mapping. */
export function valueAt(node: YamlNode | null, key: string): YamlNode | null {
  return node?.kind === 'mapping' ? (node.entries.get(key) ?? null) : null;
}

/** The text under a key; null for a collection, for nothing, and for YAML's words for nothing. */
export function textAt(node: YamlNode | null, key: string): string | null {
  const value = valueAt(node, key);
  if (value?.kind !== 'scalar') return null;
  return value.text === '' || value.text === '~' || value.text === 'null' ? null : value.text;
}

export function itemsAt(node: YamlNode | null, key: string): readonly YamlNode[] {
  const value = valueAt(node, key);
  return value?.kind === 'sequence' ? value.items : [];
}

export function entriesAt(node: YamlNode | null, key: string): ReadonlyMap<string, YamlNode> {
  const value = valueAt(node, key);
  return value?.kind === 'mapping' ? value.entries : new Map();
}

/** Nothing is copied for an alias: it becomes the same object as what it names. */
function treeOf(document: YamlDocument): YamlNode {
  const made = new Map<unknown, YamlNode>();
  const convert = (written: unknown): YamlNode => {
    const node = isAlias(written) ? document.targetOf(written) : written;
    const line = document.lineOf(node) ?? 1;
    const known = made.get(node);
    if (known !== undefined) return known;
    // An alias inside of what it names would never end.
    made.set(node, { kind: 'scalar', text: '', line });
    const result = build(node, line);
    made.set(node, result);
    return result;
  };
  const build = (node: unknown, line: number): YamlNode => {
    if (isSeq(node)) return { kind: 'sequence', items: node.items.map(convert), line };
    if (!isMap(node)) return { kind: 'scalar', text: document.stringOf(node) ?? '', line };
    const pairs = node.items.map(({ key, value }): [string, YamlNode] => [
      document.stringOf(key) ?? '',
      convert(value),
    ]);
    return { kind: 'mapping', entries: new Map(pairs), line };
  };
  return convert(document.root);
}
