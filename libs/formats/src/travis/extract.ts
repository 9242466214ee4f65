import type { EnvironmentSpec } from '@envarium/schema';
import { isAlias, isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import { isSecretVariable } from '../dockerfile/secrets.js';
import { FormatError } from '../format.js';
import { noteScriptSecrets } from '../script-secrets.js';
import { emptySpec } from '../spec.js';
import { splitLines } from '../text.js';
import { parseYaml, type YamlDocument } from '../yaml.js';
import { isLanguage, isUbuntu, versionKeyOf } from './languages.js';

/** Keys at the left edge, one of which every configuration has. */
const LANGUAGE = /^(?:language|"language"|'language')[ \t]*:/m;
const OTHER_KEYS =
  /^(?:dist|sudo|os|arch|before_install|install|before_script|script|after_success|after_failure|after_script|before_deploy|deploy|matrix|jobs|env|addons|notifications|branches|cache|services|stages|r_packages|python|node_js|rvm|julia|jdk)[ \t]*:/m;
const FILE_NAME = /(?:^|\/)\.?travis[\w.-]*\.ya?ml$/;
const PROGRAMS = /^(?:before_install|install|before_script|script|after_success|after_script|before_deploy|deploy)$/;
const MOST_NODES = 20_000;
/** Far above what people write: a configuration has some hundred lines. */
const MOST_CHARACTERS = 64 * 1024;

/** Reads language, its versions, and the system of a Travis CI configuration; the commands in it stay opaque. */
export function extract(content: string, path: string): EnvironmentSpec | null {
  const isNamed = FILE_NAME.test(path);
  if (!OTHER_KEYS.test(content) || !(isNamed || LANGUAGE.test(content))) return null;
  const document = parseOwn(content, isNamed);
  const root = document?.root;
  if (!document || !isMap(root)) return null;
  const language = textOf(document, root, 'language')?.toLowerCase();
  if (!isNamed && (language === undefined || !isLanguage(language))) return null;
  const spec = emptySpec('travis', 'host');
  readSystem(document, root, spec);
  readLanguage(document, root, language, spec);
  notePrograms(document, root, spec);
  noteSecrets(document, root, spec);
  noteScriptSecrets(splitLines(content), 1, spec);
  spec.secrets.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  return spec;
}

/** Broken YAML is refused only where the file is certainly ours. */
function parseOwn(content: string, isNamed: boolean): YamlDocument | null {
  try {
    if (content.length > MOST_CHARACTERS) {
      throw new FormatError('limit-exceeded', `A configuration is read up to ${MOST_CHARACTERS} characters.`);
    }
    return parseYaml(content);
  } catch (error) {
    if (error instanceof FormatError && !isNamed) return null;
    throw error;
  }
}

function readSystem(document: YamlDocument, root: YAMLMap, spec: EnvironmentSpec): void {
  for (const { text, line } of textsOf(document, valueOf(document, root, 'dist'))) {
    if (isUbuntu(text)) spec.runtimes.push({ name: 'ubuntu', version: null, specifier: text, line });
    else spec.problems.push({ reason: 'dynamic-value', message: `The system ${text} is not known.`, line });
  }
  for (const { text, line } of textsOf(document, valueOf(document, root, 'osx_image'))) {
    spec.runtimes.push({ name: 'xcode', version: null, specifier: text, line });
  }
}

/** A version asked for is no exact version: `3.8` is the newest 3.8 that Travis had. Several make a matrix. */
function readLanguage(
  document: YamlDocument,
  root: YAMLMap,
  language: string | undefined,
  spec: EnvironmentSpec,
): void {
  if (language === undefined) return;
  const line = document.lineOf(valueOf(document, root, 'language'));
  const [key, runtime] = versionKeyOf(language) ?? [null, language];
  const versions = key === null ? [] : textsOf(document, valueOf(document, root, key));
  if (versions.length === 0) spec.runtimes.push({ name: runtime, version: null, specifier: null, line });
  for (const version of versions) {
    spec.runtimes.push({ name: runtime, version: null, specifier: version.text, line: version.line });
  }
}

function notePrograms(document: YamlDocument, root: YAMLMap, spec: EnvironmentSpec): void {
  const program = root.items.find(({ key }) => PROGRAMS.test(document.stringOf(key) ?? ''));
  if (program === undefined) return;
  const message = 'The commands are a program: what they install is not read.';
  spec.problems.push({ reason: 'dynamic-value', message, line: document.lineOf(program.key) });
}

/**
 * `secure: "..."`, at any depth: encrypted for one repository (https://docs.travis-ci.com/user/encryption-keys/). What stands
 * under the name of a secret without it is plain.
 */
function noteSecrets(document: YamlDocument, root: YAMLMap, spec: EnvironmentSpec): void {
  const open: unknown[] = [root];
  for (let count = 0; open.length > 0 && count < MOST_NODES; count += 1) {
    const node = open.pop();
    if (isSeq(node)) for (const item of node.items.toReversed()) open.push(item);
    if (!isMap(node)) continue;
    for (const { key, value } of node.items.toReversed()) {
      if (document.stringOf(key) === 'secure')
        spec.secrets.push({ kind: 'encrypted-block', line: document.lineOf(key) });
      else if (isSecretVariable(document.stringOf(key) ?? '', document.stringOf(value) ?? '')) {
        spec.secrets.push({ kind: 'password-variable', line: document.lineOf(key) });
      } else open.push(value);
    }
  }
}

interface Text {
  readonly text: string;
  readonly line: number | null;
}

/** One text, or a list of them. */
function textsOf(document: YamlDocument, node: unknown): Text[] {
  const items: readonly unknown[] = isSeq(node) ? node.items : [node];
  return items.flatMap((item) => {
    const text = isScalar(item) || isAlias(item) ? document.stringOf(item) : null;
    return text === null || text === '' ? [] : [{ text, line: document.lineOf(item) }];
  });
}

function textOf(document: YamlDocument, root: YAMLMap, name: string): string | undefined {
  return textsOf(document, valueOf(document, root, name))[0]?.text;
}

function valueOf(document: YamlDocument, map: YAMLMap, name: string): unknown {
  return map.items.find(({ key }) => isScalar(key) && document.stringOf(key) === name)?.value ?? null;
}
