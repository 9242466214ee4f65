import type { EnvironmentSpec } from '@envarium/schema';
import { redactUrl } from '../redact.js';
import { entriesAt, itemsAt, textAt, valueAt, type YamlNode } from '../yaml-tree.js';

/** The words under which an entry or a selector names a package; `source` stood for conda_source for a while. */
const KINDS = ['conda', 'pypi', 'conda_source', 'source'] as const;
export type PackageKind = (typeof KINDS)[number];

export interface PackageId {
  readonly kind: PackageKind;
  /** URL, path or source identifier */
  readonly id: string;
}

/** One line of an environment's list: the package is installed there. */
export interface Use extends PackageId {
  readonly environment: string;
  readonly platform: string;
  readonly selector: YamlNode;
}

/** Version 4 and 5 say `kind:` and `url:` or `path:`, later ones name the package by its kind. */
export function packageId(node: YamlNode): PackageId | null {
  const declared = textAt(node, 'kind');
  if (declared === 'conda' || declared === 'pypi') {
    const id = textAt(node, 'url') ?? textAt(node, 'path');
    return id === null ? null : { kind: declared, id };
  }
  for (const kind of KINDS) {
    const id = textAt(node, kind);
    if (id !== null) return { kind, id };
  }
  return null;
}

/** What is installed where, in the order of the file; channels and indexes become sources. */
export function readEnvironments(root: YamlNode, spec: EnvironmentSpec): Use[] {
  const uses: Use[] = [];
  for (const [environment, settings] of entriesAt(root, 'environments')) {
    for (const key of ['channels', 'indexes', 'find-links']) {
      for (const place of itemsAt(settings, key)) readPlace(place, spec);
    }
    for (const [platform, list] of entriesAt(settings, 'packages')) {
      for (const selector of list.kind === 'sequence' ? list.items : []) {
        const named = packageId(selector);
        if (named !== null) {
          uses.push({ ...named, environment, platform, selector });
          continue;
        }
        const message = `The entry of ${environment} on ${platform} names no package.`;
        spec.problems.push({ reason: 'syntax-invalid', message, line: selector.line });
      }
    }
  }
  spec.sources = [...new Set(spec.sources)];
  return uses;
}

function readPlace(place: YamlNode, spec: EnvironmentSpec): void {
  const written = place.kind === 'scalar' ? place.text : (textAt(place, 'url') ?? textAt(place, 'path'));
  if (written === null || written === '') return;
  const { url, hadCredentials } = redactUrl(written);
  if (hadCredentials) {
    spec.secrets.push({ kind: written.includes('/t/') ? 'token' : 'url-credentials', line: place.line });
  }
  spec.sources.push(url);
}

/** Several packages may be built from one place: then the selector says which. */
export function selects(selector: YamlNode, entry: YamlNode): boolean {
  const isSame = (a: YamlNode | null, b: YamlNode | null, key: string): boolean => {
    const wanted = textAt(a, key);
    return wanted === null || wanted === textAt(b, key);
  };
  const variants = valueAt(selector, 'variants');
  return (
    ['name', 'version', 'build', 'subdir'].every((key) => isSame(selector, entry, key)) &&
    [...entriesAt(selector, 'variants').keys()].every((key) => isSame(variants, valueAt(entry, 'variants'), key))
  );
}

/** In the order of the first of each. */
export function grouped(uses: readonly Use[], keyOf: (use: Use) => string): Map<string, Use[]> {
  const groups = new Map<string, Use[]>();
  for (const use of uses) {
    const group = groups.get(keyOf(use));
    if (group === undefined) groups.set(keyOf(use), [use]);
    else group.push(use);
  }
  return groups;
}
