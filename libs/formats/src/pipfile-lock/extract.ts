import type { EnvironmentSpec } from '@envarium/schema';
import { FormatError } from '../format.js';
import { jsonEvidence, JsonObject, type JsonEvidence } from '../json-evidence.js';
import { limits } from '../limits.js';
import { redactUrl } from '../redact.js';
import { addSource, emptySpec } from '../spec.js';
import { parseJson } from '../text.js';
import { addEntry } from './entry.js';
import { PipfileLock } from './schema.js';

export const FILE_NAME = /(?:^|[^a-z])Pipfile[-_a-z0-9]*\.lock$/i;

/** https://github.com/pypa/pipfile: what pipenv has written since 2017. */
const KNOWN_SPEC = 6;

export function extract(content: string, path: string): EnvironmentSpec | null {
  if (!/^\s*\{/.test(content) || !content.includes('"_meta"')) return null;
  const document = readDocument(content, path);
  const lock = PipfileLock.safeParse(document).data;
  if (document === null || lock === undefined) return null;
  const { 'pipfile-spec': version, hash, sources } = lock._meta;
  if (version === undefined && hash === undefined && sources === undefined) return null;

  const spec = emptySpec('pipfile-lock', 'language');
  const evidence = jsonEvidence(content, 2);
  spec.problems.push(...evidence.problems);
  if (version !== undefined && version > KNOWN_SPEC) {
    const message = `pipfile-spec ${version} is not known; it was read like ${KNOWN_SPEC}.`;
    spec.problems.push({ reason: 'unsupported-option', message, line: evidence.lineOf('_meta', 'pipfile-spec') });
  }
  readRequires(lock, evidence, spec);
  readSections(document, readSources(lock, evidence, spec), evidence, spec);
  return spec;
}

function readDocument(content: string, path: string): Readonly<Record<string, unknown>> | null {
  try {
    return JsonObject.safeParse(parseJson(content)).data ?? null;
  } catch (error) {
    const isCertain = FILE_NAME.test(path) || content.includes('"pipfile-spec"');
    if (error instanceof FormatError && !isCertain) return null;
    throw error;
  }
}

/** `python_version` is the beginning of a version, `python_full_version` one. */
function readRequires({ _meta: { requires } }: PipfileLock, evidence: JsonEvidence, spec: EnvironmentSpec): void {
  const { python_version: prefix, python_full_version: full } = requires ?? {};
  if (full !== undefined) {
    const line = evidence.lineOf('_meta', 'requires');
    spec.runtimes.push({ name: 'python', version: full, specifier: null, line });
  } else if (prefix !== undefined) {
    const line = evidence.lineOf('_meta', 'requires');
    spec.runtimes.push({ name: 'python', version: null, specifier: prefix, line });
  }
}

function readSources(lock: PipfileLock, evidence: JsonEvidence, spec: EnvironmentSpec): Map<string, string> {
  const indexes = new Map<string, string>();
  for (const { name, url } of lock._meta.sources ?? []) {
    if (url === undefined) continue;
    const redacted = redactUrl(url);
    if (redacted.hadCredentials) {
      spec.secrets.push({ kind: 'url-credentials', line: evidence.lineOf('_meta', 'sources') });
    }
    addSource(spec, redacted.url);
    if (name !== undefined && redacted.url.length <= limits.repeatedCharacters) indexes.set(name, redacted.url);
  }
  return indexes;
}

/** `default`, `develop`, and any category that a Pipfile names. */
function readSections(
  document: Readonly<Record<string, unknown>>,
  indexes: ReadonlyMap<string, string>,
  evidence: JsonEvidence,
  spec: EnvironmentSpec,
): void {
  for (const [group, value] of Object.entries(document)) {
    if (group === '_meta') continue;
    const section = JsonObject.safeParse(value).data;
    if (section === undefined || group.length > limits.repeatedCharacters) {
      const message = `The section ${group.slice(0, 80)} is no JSON object, or its name is too long.`;
      spec.problems.push({ reason: 'syntax-invalid', message, line: evidence.lineOf(group) });
      continue;
    }
    for (const [name, entry] of Object.entries(section)) {
      addEntry(name, entry, { group, standing: 'locked', line: evidence.lineOf(group, name), indexes, spec });
    }
  }
}
