import type { EnvironmentSpec, SkipReason, Standing } from '@envarium/schema';
import { FormatError } from './format.js';
import { limits } from './limits.js';
import { isPep440Version } from './pip-requirements/pep440.js';
import { formatPurl, normalizePypiName } from './purl.js';
import { redactUrl } from './redact.js';
import { addSource, specPackage } from './spec.js';

/** Where a lock file of Python has a package from, as written there. */
export type PypiOrigin =
  | { readonly kind: 'index'; readonly url: string | null }
  | {
      readonly kind: 'vcs';
      /** without `git+` */
      readonly url: string;
      readonly system: string;
      readonly revision: string | null;
      readonly subdirectory: string | null;
    }
  | { readonly kind: 'url'; readonly url: string; readonly subdirectory: string | null }
  | { readonly kind: 'local'; readonly path: string };

export interface PypiFacts {
  readonly name: string;
  /** absent, or something else than text, is said so */
  readonly version: unknown;
  readonly origin: PypiOrigin;
  readonly standing: Standing;
  readonly specifier?: string | null;
  readonly hashes?: readonly string[];
  readonly marker?: string | null;
  readonly group?: string | null;
  readonly line: number | null;
}

/** PEP 508. */
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const HASH = /^[a-z0-9]+:[0-9a-f]+$/;
/** `git@host:path`, as scp takes it. */
const SCP = /^(?:[\w.-]+@)?[\w.-]+:(?![/\\])/;

/** Adds a package that a file of Python names, its index to the sources, and a note where a secret stands in an address. */
export function addPypiPackage(facts: PypiFacts, spec: EnvironmentSpec): void {
  const { name, standing, line, origin } = facts;
  if (name === '') {
    spec.problems.push({ reason: 'name-invalid', message: 'The package has no name.', line });
    return;
  }
  if (spec.packages.length >= limits.packages) {
    throw new FormatError('limit-exceeded', `A file is read up to ${limits.packages} packages.`, line);
  }
  const source = addressOf(origin);
  const redacted = source === null ? null : redactUrl(source);
  if (redacted?.hadCredentials === true) spec.secrets.push({ kind: 'url-credentials', line });
  if (origin.kind === 'index' && redacted !== null) {
    addSource(spec, redacted.url);
  }
  const version = typeof facts.version === 'string' && facts.version !== '' ? facts.version : null;
  const skipReason = reasonOf(facts, version);
  const isNamed = skipReason !== 'name-invalid' && skipReason !== 'version-invalid';
  spec.packages.push(
    specPackage({
      ecosystem: 'pypi',
      name,
      normalizedName: normalizePypiName(name),
      version,
      specifier: facts.specifier ?? null,
      standing,
      purl: isNamed ? purlOf(name, version, origin, redacted?.url ?? '') : null,
      hashes: uniqueHashes(facts.hashes ?? []),
      source: redacted?.url ?? null,
      marker: facts.marker ?? null,
      group: facts.group ?? null,
      line,
      skipReason,
    }),
  );
}

export function gitOrigin(url: string, revision: string | null, subdirectory: string | null): PypiOrigin {
  return { kind: 'vcs', system: 'git', url, revision, subdirectory };
}

function uniqueHashes(hashes: readonly string[]): string[] {
  return [...new Set(hashes.map((hash) => hash.toLowerCase()))].filter((hash) => HASH.test(hash));
}

function reasonOf({ name, version, origin, specifier }: PypiFacts, text: string | null): SkipReason | null {
  if (!NAME.test(name)) return 'name-invalid';
  if (version !== undefined && version !== null && text === null) return 'version-invalid';
  if (text !== null && !isPep440Version(text)) return 'version-invalid';
  if (origin.kind === 'vcs') return 'vcs-source';
  if (origin.kind === 'url') return 'url-source';
  if (origin.kind === 'local') return 'local-path';
  if (text !== null) return null;
  return specifier === undefined || specifier === null ? 'no-version' : 'version-range';
}

function addressOf(origin: PypiOrigin): string | null {
  switch (origin.kind) {
    case 'index':
    case 'url':
      return origin.url;
    case 'local':
      return origin.path;
    case 'vcs': {
      const url = SCP.test(origin.url) ? `ssh://${origin.url.replace(':', '/')}` : origin.url;
      return `${origin.system}+${url}${origin.revision === null ? '' : `@${origin.revision}`}`;
    }
  }
}

/** A path of some machine names nothing that others can have. */
function purlOf(name: string, version: string | null, origin: PypiOrigin, address: string): string | null {
  const parts = { type: 'pypi', name, ...(version === null ? {} : { version }) };
  if (origin.kind === 'local') return null;
  if (origin.kind === 'index') return formatPurl(parts);
  const subpath = origin.subdirectory === null ? {} : { subpath: origin.subdirectory };
  const key = origin.kind === 'vcs' ? 'vcs_url' : 'download_url';
  return formatPurl({ ...parts, qualifiers: { [key]: address }, ...subpath });
}
