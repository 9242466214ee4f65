import type { EnvironmentSpec } from '@envarium/schema';
import { redactUrl } from '../redact.js';
import { addSource, emptySpec } from '../spec.js';
import { parseTomlOrNull, tableOf, tablesOf, type TomlDocument, type TomlTable } from '../toml.js';
import { readPoetryDependencies, textOf } from './poetry.js';
import { readRequirements } from './requirements.js';

export const FILE_NAME = /(?:^|[^a-z])pyproject\.toml$/i;

const MAY_BE = /^[ \t]*\[[ \t]*(?:project|build-system|dependency-groups|tool[ \t]*\.[ \t]*(?:poetry|uv|pdm))[ \t.\]]/m;
/** `tool.poetry.group.dev.dependencies.name`; an entry of a list at `project.optional-dependencies.test`. */
const DEPTH = 6;

export function extract(content: string, path: string): EnvironmentSpec | null {
  const isNamed = FILE_NAME.test(path);
  if (!isNamed && !MAY_BE.test(content)) return null;
  const document = parseTomlOrNull(content, DEPTH, isNamed);
  if (document === null || !isPyproject(document.root, isNamed)) return null;

  const spec = emptySpec('pyproject', 'language');
  readProject(document, spec);
  readLists(document, ['dependency-groups'], spec);
  const build = tableOf(document.root['build-system']);
  readRequirements(build?.['requires'], { document, spec, keys: ['build-system', 'requires'] });
  readPoetry(document, spec);
  readOtherTools(document, spec);
  return spec;
}

/** A `project` table is also that of pixi.toml, which has channels. */
function isPyproject(root: TomlTable, isNamed: boolean): boolean {
  const project = tableOf(root['project']);
  if (project !== null) return isNamed || (project['name'] !== undefined && project['channels'] === undefined);
  if (Array.isArray(tableOf(root['build-system'])?.['requires'])) return true;
  const tool = tableOf(root['tool']) ?? {};
  const hasTool = isNamed || ['poetry', 'uv', 'pdm'].some((name) => tableOf(tool[name]) !== null);
  return (tableOf(root['tool']) !== null || tableOf(root['dependency-groups']) !== null) && hasTool;
}

/** https://packaging.python.org/en/latest/specifications/pyproject-toml/#declaring-project-metadata-the-project-table */
function readProject(document: TomlDocument, spec: EnvironmentSpec): void {
  const project = tableOf(document.root['project']);
  if (project === null) return;
  const python = textOf(project, 'requires-python');
  if (python !== null) {
    const line = document.lineOf('project', 'requires-python');
    spec.runtimes.push({ name: 'python', version: null, specifier: python, line });
  }
  readRequirements(project['dependencies'], { document, spec, keys: ['project', 'dependencies'] });
  readLists(document, ['project', 'optional-dependencies'], spec);
  const { dynamic } = project;
  for (const name of Array.isArray(dynamic) ? (dynamic as unknown[]) : []) {
    if (name !== 'dependencies' && name !== 'optional-dependencies') continue;
    const message = `${name} are worked out when the project is built; they do not stand here.`;
    spec.problems.push({ reason: 'dynamic-value', message, line: document.lineOf('project', 'dynamic') });
  }
}

/** A table of named lists of dependency specifiers. */
function readLists(document: TomlDocument, keys: readonly string[], spec: EnvironmentSpec): void {
  for (const [name, list] of Object.entries(tableAt(document.root, keys) ?? {})) {
    readRequirements(list, { document, spec, keys: [...keys, name] });
  }
}

function readPoetry(document: TomlDocument, spec: EnvironmentSpec): void {
  const keys = ['tool', 'poetry'];
  const poetry = tableAt(document.root, keys);
  if (poetry === null) return;
  for (const name of ['dependencies', 'dev-dependencies']) {
    readPoetryDependencies(poetry[name], { document, spec, keys: [...keys, name] });
  }
  for (const [name, group] of Object.entries(tableOf(poetry['group']) ?? {})) {
    const part = { document, spec, keys: [...keys, 'group', name, 'dependencies'] };
    readPoetryDependencies(tableOf(group)?.['dependencies'], part);
  }
  readIndexes(document, [...keys, 'source'], spec);
}

function readOtherTools(document: TomlDocument, spec: EnvironmentSpec): void {
  const { root } = document;
  const uv = ['tool', 'uv', 'dev-dependencies'];
  readRequirements(tableAt(root, ['tool', 'uv'])?.['dev-dependencies'], { document, spec, keys: uv });
  readLists(document, ['tool', 'pdm', 'dev-dependencies'], spec);
  readIndexes(document, ['tool', 'uv', 'index'], spec);
  readIndexes(document, ['tool', 'pdm', 'source'], spec);
  const { file } = tableAt(root, ['tool', 'setuptools', 'dynamic', 'dependencies']) ?? {};
  const files: readonly unknown[] = Array.isArray(file) ? file : [file];
  spec.references.push(...files.filter((name) => typeof name === 'string'));
  if (tableAt(root, ['tool', 'pixi']) === null) return;
  const message = 'What tool.pixi asks of conda is not read.';
  spec.problems.push({ reason: 'unsupported-installer', message, line: document.lineOf('tool', 'pixi') });
}

function readIndexes(document: TomlDocument, keys: readonly string[], spec: EnvironmentSpec): void {
  const list = tableAt(document.root, keys.slice(0, -1))?.[keys.at(-1) ?? ''];
  for (const { table, index } of tablesOf(list)) {
    const address = textOf(table, 'url');
    if (address === null) continue;
    const { url, hadCredentials } = redactUrl(address);
    if (hadCredentials) spec.secrets.push({ kind: 'url-credentials', line: document.lineOf(...keys, index) });
    addSource(spec, url);
  }
}

function tableAt(root: TomlTable, keys: readonly string[]): TomlTable | null {
  let table: TomlTable | null = root;
  for (const key of keys) table = tableOf(table?.[key]);
  return table;
}
