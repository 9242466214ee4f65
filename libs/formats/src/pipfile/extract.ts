import type { EnvironmentSpec } from '@envarium/schema';
import { limits } from '../limits.js';
import { addEntry } from '../pipfile-lock/entry.js';
import { redactUrl } from '../redact.js';
import { addSource, emptySpec } from '../spec.js';
import { parseTomlOrNull, tableOf, tablesOf, type TomlDocument } from '../toml.js';

export const FILE_NAME = /(?:^|[^a-z])Pipfile$/i;

const SOURCE = /^[ \t]*\[\[[ \t]*source[ \t]*\]\]/m;
const PACKAGES = /^[ \t]*\[[ \t]*(?:dev-)?packages[ \t]*\]/m;
/** Tables that hold no packages; every other is a category of them. */
const OTHER_TABLES: ReadonlySet<string> = new Set([
  'source',
  'requires',
  'scripts',
  'pipenv',
  'pipfile',
  'build-system',
]);

export function extract(content: string, path: string): EnvironmentSpec | null {
  const isCertain = FILE_NAME.test(path) || (SOURCE.test(content) && PACKAGES.test(content));
  if (!isCertain) return null;
  const document = parseTomlOrNull(content, 2, true);
  if (document === null) return null;
  const { root } = document;
  if (!['packages', 'dev-packages', 'source', 'requires'].some((key) => Object.hasOwn(root, key))) return null;

  const spec = emptySpec('pipfile', 'language');
  readRequires(document, spec);
  const indexes = readSources(document, spec);
  for (const [group, value] of Object.entries(root)) {
    const section = OTHER_TABLES.has(group) || group.length > limits.repeatedCharacters ? null : tableOf(value);
    for (const [name, entry] of Object.entries(section ?? {})) {
      addEntry(name, entry, { group, standing: 'declared', line: document.lineOf(group, name), indexes, spec });
    }
  }
  return spec;
}

function readRequires({ root, lineOf }: TomlDocument, spec: EnvironmentSpec): void {
  const requires = tableOf(root['requires']) ?? {};
  const { python_full_version: full, python_version: prefix } = requires;
  if (typeof full === 'string') {
    const line = lineOf('requires', 'python_full_version');
    spec.runtimes.push({ name: 'python', version: full, specifier: null, line });
  } else if (typeof prefix === 'string') {
    spec.runtimes.push({
      name: 'python',
      version: null,
      specifier: prefix,
      line: lineOf('requires', 'python_version'),
    });
  }
}

function readSources({ root, lineOf }: TomlDocument, spec: EnvironmentSpec): Map<string, string> {
  const indexes = new Map<string, string>();
  for (const { table, index } of tablesOf(root['source'])) {
    const { url: address, name } = table;
    if (typeof address !== 'string') continue;
    const { url, hadCredentials } = redactUrl(address);
    if (hadCredentials) spec.secrets.push({ kind: 'url-credentials', line: lineOf('source', index) });
    addSource(spec, url);
    if (typeof name === 'string' && url.length <= limits.repeatedCharacters) indexes.set(name, url);
  }
  return indexes;
}
