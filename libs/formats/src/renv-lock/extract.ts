import type { EnvironmentSpec, SkipReason, SpecPackage } from '@envarium/schema';
import { FormatError } from '../format.js';
import { jsonEvidence, JsonObject, type JsonEvidence } from '../json-evidence.js';
import { limits } from '../limits.js';
import { R_NAME, R_VERSION } from '../r-description/dependency.js';
import { redactUrl } from '../redact.js';
import { isVersionRange } from '../foreign-facts.js';
import { emptySpec, specPackage } from '../spec.js';
import { parseJson } from '../text.js';
import { originOf } from './origin.js';
import { RenvLock, RenvPackage } from './schema.js';

export const FILE_NAME = /(?:^|[-._])renv\.lock$/;

export function extract(content: string, path: string): EnvironmentSpec | null {
  if (!/^\s*\{/.test(content) || !content.includes('"R"')) return null;
  const isNamed = FILE_NAME.test(path.slice(path.lastIndexOf('/') + 1));
  if (!isNamed && !content.includes('"Packages"')) return null;
  const lock = RenvLock.safeParse(parseJson(content));
  if (!lock.success || (lock.data.Packages === undefined && !isNamed)) return null;

  if (Object.keys(lock.data.Packages ?? {}).length > limits.packages) {
    throw new FormatError('limit-exceeded', `A lock file is read up to ${limits.packages} packages.`);
  }
  const spec = emptySpec('renv-lock', 'language');
  const evidence = jsonEvidence(content, 3);
  spec.problems.push(...evidence.problems);
  readEnvironment(lock.data, spec, evidence);
  readPackages(lock.data, spec, evidence);
  return spec;
}

function readEnvironment(lock: RenvLock, spec: EnvironmentSpec, evidence: JsonEvidence): void {
  const runtimes = [
    ['r', 'R'],
    ['bioconductor', 'Bioconductor'],
    ['python', 'Python'],
  ] as const;
  for (const [name, section] of runtimes) {
    const version = lock[section]?.Version;
    if (version === undefined) continue;
    spec.runtimes.push({ name, version, specifier: null, line: evidence.lineOf(section, 'Version') });
  }
  for (const [index, { URL: url }] of (lock.R.Repositories ?? []).entries()) {
    const redacted = redactUrl(url);
    spec.sources.push(redacted.url);
    if (redacted.hadCredentials) {
      spec.secrets.push({ kind: 'url-credentials', line: evidence.lineOf('R', 'Repositories', index) });
    }
  }
}

function readPackages(lock: RenvLock, spec: EnvironmentSpec, evidence: JsonEvidence): void {
  const repositories = new Map((lock.R.Repositories ?? []).map((each) => [each.Name, redactUrl(each.URL).url]));
  for (const [key, value] of Object.entries(lock.Packages ?? {})) {
    const line = evidence.lineOf('Packages', key);
    const object = JsonObject.safeParse(value);
    if (!object.success) {
      spec.problems.push({ reason: 'syntax-invalid', message: `Package ${key} is no JSON object.`, line });
      continue;
    }
    const { hadCredentials, ...read } = readPackage(key, RenvPackage.parse(object.data), repositories);
    spec.packages.push({ ...read.package, line });
    if (hadCredentials) spec.secrets.push({ kind: 'url-credentials', line });
  }
}

function readPackage(
  key: string,
  written: RenvPackage,
  repositories: ReadonlyMap<string, string>,
): { package: SpecPackage; hadCredentials: boolean } {
  const { entry, hadCredentials } = redactEntry(written);
  const name = entry.Package ?? key;
  const version = typeof entry.Version === 'string' && entry.Version !== '' ? entry.Version : null;
  const isRange = version !== null && isVersionRange(version);
  const origin = originOf(entry, name, version, repositories);
  const doubt = doubtOf(name, entry.Version);
  return {
    package: specPackage({
      ecosystem: 'cran',
      name,
      version: isRange ? null : version,
      specifier: isRange ? version : null,
      standing: 'locked',
      purl: doubt === null ? origin.purl : null,
      source: origin.source,
      skipReason: doubt ?? origin.skipReason,
    }),
    hadCredentials,
  };
}

function doubtOf(name: string, version: unknown): SkipReason | null {
  if (!R_NAME.test(name)) return 'name-invalid';
  if (version === undefined || version === '') return 'no-version';
  if (typeof version === 'string' && isVersionRange(version)) return 'version-range';
  return typeof version === 'string' && R_VERSION.test(version) ? null : 'version-invalid';
}

function redactEntry(written: RenvPackage): { entry: RenvPackage; hadCredentials: boolean } {
  const remote = redactUrl(written.RemoteUrl ?? '');
  const repository = redactUrl(written.Repository ?? '');
  const entry = { ...written };
  if (remote.hadCredentials) entry.RemoteUrl = remote.url;
  if (repository.hadCredentials) entry.Repository = repository.url;
  return { entry, hadCredentials: remote.hadCredentials || repository.hadCredentials };
}
