import type { EnvironmentSpec, ScopeKind } from '@envarium/schema';
import { FormatError } from '../format.js';
import { jsonEvidence, JsonObject } from '../json-evidence.js';
import { limits } from '../limits.js';
import { ProblemLog } from '../problem-log.js';
import { emptySpec } from '../spec.js';
import { parseJson, splitLines } from '../text.js';
import { readPackage } from './json-document.js';
import { byId, isPackage, readElement } from './linked-data.js';
import { Element, LinkedDocument, SpdxDocument, SpdxPackage } from './schema.js';
import { spdxPackage, type SpdxFacts } from './spdx-package.js';
import { readPackages, readTags } from './tag-value.js';

const TAG_VALUE = /^SPDXVersion:[ \t]*(?<version>SPDX-\S+)/m;
const JSON_MARK = /"spdxVersion"\s*:\s*"SPDX-/;
const LINKED_MARK = /\bspdx\.org\/rdf\/(?:v|v?3\b)/;
const KNOWN_VERSION = /^SPDX-2\.[0-3]$/;
const KNOWN_LINKED_VERSION = /^3\.0(?:\.\d+)?$/;
/** `sbom` / `packages` / index */
const LOCATED_LEVELS = 3;

type LineOf = (...keys: readonly (string | number)[]) => number | null;

export function extract(content: string): EnvironmentSpec | null {
  if (/^\s*\{/.test(content)) {
    if (!JSON_MARK.test(content) && !LINKED_MARK.test(content)) return null;
    return readJson(content);
  }
  const lines = splitLines(content);
  const first = lines.find((line) => line.trim() !== '' && !line.startsWith('#'));
  if (first === undefined || !TAG_VALUE.test(first)) return null;
  const problems = new ProblemLog();
  const packages = readPackages(readTags(lines, problems));
  const version = TAG_VALUE.exec(first)?.groups?.['version'] ?? '';
  checkVersion(KNOWN_VERSION.test(version), version, lines.indexOf(first) + 1, problems);
  return toSpec(packages, problems);
}

function readJson(content: string): EnvironmentSpec | null {
  const root = JsonObject.safeParse(parseJson(content));
  if (!root.success) return null;
  const evidence = jsonEvidence(content, LOCATED_LEVELS);
  const problems = new ProblemLog();
  for (const problem of evidence.problems) problems.add(problem);
  // GitHub exports the document as a member of another one.
  const nested = SpdxDocument.safeParse(root.data['sbom']);
  const document = nested.success ? nested : SpdxDocument.safeParse(root.data);
  const path = nested.success ? ['sbom'] : [];
  if (document.success) return readDocument(document.data, path, evidence.lineOf, problems);
  const linked = LinkedDocument.safeParse(root.data);
  if (!linked.success || !LINKED_MARK.test(JSON.stringify(linked.data['@context']))) return null;
  return readGraph(
    linked.data['@graph'] ?? [root.data],
    linked.data['@graph'] !== undefined,
    evidence.lineOf,
    problems,
  );
}

function readDocument(
  document: SpdxDocument,
  path: readonly string[],
  lineOf: LineOf,
  problems: ProblemLog,
): EnvironmentSpec {
  const { spdxVersion } = document;
  checkVersion(KNOWN_VERSION.test(spdxVersion), spdxVersion, lineOf(...path, 'spdxVersion'), problems);
  assertFew(document.packages ?? []);
  const packages = (document.packages ?? []).flatMap((value, index) => {
    const line = lineOf(...path, 'packages', index);
    const written = SpdxPackage.safeParse(value);
    return named(written.success ? readPackage(written.data, line) : null, `/packages/${index}`, line, problems);
  });
  return toSpec(packages, problems);
}

function readGraph(graph: readonly unknown[], isGraph: boolean, lineOf: LineOf, problems: ProblemLog): EnvironmentSpec {
  assertFew(graph);
  const elements = byId(graph);
  const packages = graph.flatMap((value, index) => {
    const element = Element.safeParse(value);
    if (!element.success) return [];
    const line = isGraph ? lineOf('@graph', index) : null;
    const { specVersion } = element.data;
    if (specVersion !== undefined) checkVersion(KNOWN_LINKED_VERSION.test(specVersion), specVersion, line, problems);
    if (!isPackage(element.data)) return [];
    return named(readElement(element.data, elements, line), `/@graph/${index}`, line, problems);
  });
  return toSpec(packages, problems);
}

function named(facts: SpdxFacts | null, pointer: string, line: number | null, problems: ProblemLog): SpdxFacts[] {
  if (facts !== null) return [facts];
  problems.add({ reason: 'name-invalid', message: `Package ${pointer} has no name.`, line });
  return [];
}

function checkVersion(isKnown: boolean, version: string, line: number | null, problems: ProblemLog): void {
  if (isKnown) return;
  const message = `SPDX version ${version.slice(0, 20)} is not known; read like the one before.`;
  problems.add({ reason: 'unsupported-option', message, line });
}

function toSpec(packages: readonly SpdxFacts[], problems: ProblemLog): EnvironmentSpec {
  assertFew(packages);
  const spec = emptySpec('spdx', 'language');
  for (const facts of packages) {
    if (facts.name === '') {
      problems.add({ reason: 'name-invalid', message: 'A package has no name.', line: facts.line });
      continue;
    }
    const read = spdxPackage(facts);
    spec.packages.push(read.package);
    for (const problem of read.problems) problems.add(problem);
    if (read.hadCredentials) spec.secrets.push({ kind: 'url-credentials', line: facts.line });
  }
  spec.scope = scopeOf(spec);
  spec.problems = problems.toProblems();
  return spec;
}

function assertFew(packages: readonly unknown[]): void {
  if (packages.length <= limits.packages) return;
  throw new FormatError('limit-exceeded', `An SBOM is read up to ${limits.packages} packages or elements.`);
}

/** An SBOM of an image lists it among its packages; packages of a distribution tell of a whole system. */
function scopeOf({ packages }: EnvironmentSpec): ScopeKind {
  if (packages.some(({ group }) => group === 'container')) return 'container';
  return packages.some(({ ecosystem }) => ['deb', 'rpm', 'apk', 'alpm'].includes(ecosystem)) ? 'host' : 'language';
}
