import type { EnvironmentSpec, SkipReason, Standing } from '@envarium/schema';
import { FormatError } from '../format.js';
import { limits } from '../limits.js';
import { formatPurl, normalizePypiName } from '../purl.js';
import { specPackage } from '../spec.js';
import { parseLink, type Link } from './link.js';
import { isPep440Version, pinnedVersion } from './pep440.js';
import { parseRequirement, type Requirement } from './requirement.js';

export interface LineContext {
  readonly spec: EnvironmentSpec;
  readonly line: number;
  /** standing of what is fixed */
  readonly pinned: Standing;
  readonly hashes: readonly string[];
}

/** Adds what a PEP 508 requirement says. */
export function requirementPackage(requirement: Requirement, context: LineContext): void {
  const { name, specifier, marker } = requirement;
  assertRoom(context);
  if (requirement.url !== null) {
    addLinked({ name, specifier, version: null, marker, link: parseLink(requirement.url) }, context);
    return;
  }
  const { version, skipReason } = judgeVersion(requirement);
  context.spec.packages.push(
    specPackage({
      ecosystem: 'pypi',
      name,
      normalizedName: normalizePypiName(name),
      version,
      specifier,
      standing: version === null ? 'declared' : context.pinned,
      purl: skipReason === 'version-invalid' ? null : pypiPurl(name, version),
      hashes: [...context.hashes],
      marker,
      line: context.line,
      skipReason,
    }),
  );
}

function judgeVersion({ clauses }: Requirement): { version: string | null; skipReason: SkipReason | null } {
  const version = pinnedVersion(clauses);
  if (version === null) return { version, skipReason: clauses.length === 0 ? 'no-version' : 'version-range' };
  if (/\$\{|\{\{/.test(version)) return { version: null, skipReason: 'dynamic-value' };
  // pip before 24.1 compares such a text as a version; it is what the file says, and no range.
  return { version, skipReason: isPep440Version(version) ? null : 'version-invalid' };
}

/** Adds what a bare link says. Only a wheel's file name and `#egg=` name a package: without them there is none to add. */
export function linkPackage(link: Link, context: LineContext, marker: string | null): void {
  const claim = link.wheel === null ? link.egg : `${link.wheel.name}==${link.wheel.version}`;
  const requirement = claim === null ? null : parseRequirement(claim);
  if (requirement === null || requirement.url !== null) {
    noteCredentials(link, context);
    const message = `The line names ${link.url}, but no package.`;
    context.spec.problems.push({ reason: linkReason(link), message, line: context.line });
    return;
  }
  const { name, specifier, clauses } = requirement;
  const written = link.wheel === null ? specifier : null;
  addLinked({ name, specifier: written, version: pinnedVersion(clauses), marker, link }, context);
}

interface Linked {
  readonly name: string;
  readonly specifier: string | null;
  readonly version: string | null;
  readonly marker: string | null;
  readonly link: Link;
}

function addLinked({ name, specifier, version, marker, link }: Linked, context: LineContext): void {
  assertRoom(context);
  noteCredentials(link, context);
  const isFixed = link.isFixed || version !== null || context.hashes.length > 0;
  context.spec.packages.push(
    specPackage({
      ecosystem: 'pypi',
      name,
      normalizedName: normalizePypiName(name),
      version,
      specifier,
      standing: isFixed || context.pinned === 'observed' ? context.pinned : 'declared',
      purl: pypiPurl(name, version, link),
      hashes: [...new Set([...context.hashes, ...link.hashes])],
      source: link.url,
      marker,
      line: context.line,
      skipReason: linkReason(link),
    }),
  );
}

function assertRoom({ spec, line }: LineContext): void {
  if (spec.packages.length < limits.packages) return;
  throw new FormatError('limit-exceeded', `A file is read up to ${limits.packages} packages.`, line);
}

function noteCredentials(link: Link, { spec, line }: LineContext): void {
  if (link.hadCredentials) spec.secrets.push({ kind: 'url-credentials', line });
}

function linkReason(link: Link): SkipReason {
  if (link.kind === 'vcs') return 'vcs-source';
  return link.kind === 'url' ? 'url-source' : 'local-path';
}

/** A link is named in the qualifiers of the purl specification; a path of some machine is not. */
function pypiPurl(name: string, version: string | null, link?: Link): string | null {
  const parts = { type: 'pypi', name, ...(version === null ? {} : { version }) };
  if (link === undefined) return formatPurl(parts);
  if (link.kind === 'local') return null;
  const subpath = link.subdirectory === null ? {} : { subpath: link.subdirectory };
  const key = link.kind === 'vcs' ? 'vcs_url' : 'download_url';
  return formatPurl({ ...parts, qualifiers: { [key]: link.url }, ...subpath });
}
