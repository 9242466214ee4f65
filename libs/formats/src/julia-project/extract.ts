import type { EnvironmentSpec, SpecPackage } from '@envarium/schema';
import { FormatError } from '../format.js';
import { isUuid, juliaPurl, repositorySource } from '../julia-manifest/julia-package.js';
import { redactUrl } from '../redact.js';
import { emptySpec, specPackage } from '../spec.js';
import { parseToml, tableOf, type TomlDocument, type TomlTable } from '../toml.js';

export const FILE_NAME = /(?:^|\/)(?:Julia)?Project\.toml$/;

const DEPENDENCIES = /^[ \t]*(?:\[[ \t]*deps[ \t]*\]|deps[ \t]*=|deps\.[A-Za-z])/m;
const IDENTITY = /^[ \t]*uuid[ \t]*=[ \t]*["'][0-9A-Fa-f-]{36}["']/m;

/**
 * Reads a Julia Project file: what it asks for, and nothing that is fixed
 * (https://pkgdocs.julialang.org/v1/toml-files/#Project.toml).
 */
export function extract(content: string, path: string): EnvironmentSpec | null {
  if (!DEPENDENCIES.test(content) && !IDENTITY.test(content)) return null;
  const document = parseOwn(content, path);
  if (document === null || !isProject(document.root, path)) return null;

  const spec = emptySpec('julia-project', 'language');
  const compat = tableOf(document.root['compat']) ?? {};
  for (const [name, uuid] of Object.entries(tableOf(document.root['deps']) ?? {})) {
    readDependency({ name, uuid, compat }, document, spec);
  }
  const specifier = textOf(compat['julia']);
  if (specifier !== null) {
    spec.runtimes.push({ name: 'julia', version: null, specifier, line: document.lineOf('compat', 'julia') });
  }
  return spec;
}

function parseOwn(content: string, path: string): TomlDocument | null {
  try {
    return parseToml(content, 2);
  } catch (error) {
    if (error instanceof FormatError && !FILE_NAME.test(path)) return null;
    throw error;
  }
}

/** Dependencies are names with UUIDs; a package without any has a UUID itself. */
function isProject(root: TomlTable, path: string): boolean {
  const deps = tableOf(root['deps']);
  if (root['deps'] !== undefined && deps === null) return false;
  const uuids = Object.values(deps ?? {});
  if (uuids.length > 0) return uuids.some(isUuid) && uuids.every((value) => typeof value === 'string');
  return (isUuid(root['uuid']) && typeof root['name'] === 'string') || (deps !== null && FILE_NAME.test(path));
}

interface Dependency {
  readonly name: string;
  readonly uuid: unknown;
  readonly compat: TomlTable;
}

function readDependency({ name, uuid, compat }: Dependency, document: TomlDocument, spec: EnvironmentSpec): void {
  const line = document.lineOf('deps', name);
  if (!isUuid(uuid)) {
    spec.problems.push({ reason: 'syntax-invalid', message: `${name.slice(0, 80)} has no valid uuid.`, line });
  }
  const place = placeOf(tableOf(tableOf(document.root['sources'])?.[name]), document.lineOf('sources', name), spec);
  const specifier = textOf(compat[name]);
  spec.packages.push(
    specPackage({
      ecosystem: 'julia',
      name,
      specifier,
      standing: 'declared',
      purl: juliaPurl(name, textOf(uuid) ?? undefined, null),
      line,
      skipReason: specifier === null ? 'no-version' : 'version-range',
      ...place,
    }),
  );
}

/** `[sources]` of Julia 1.11: where a dependency comes from instead of a registry. */
function placeOf(
  source: TomlTable | null,
  line: number | null,
  spec: EnvironmentSpec,
): Partial<Pick<SpecPackage, 'purl' | 'source' | 'skipReason'>> {
  const written = textOf(source?.['url']);
  if (written !== null) {
    const { url, hadCredentials } = redactUrl(written);
    if (hadCredentials) spec.secrets.push({ kind: 'url-credentials', line });
    return { source: repositorySource(url, textOf(source?.['rev']), null, null), skipReason: 'vcs-source' };
  }
  const path = textOf(source?.['path']);
  return path === null ? {} : { purl: null, source: path, skipReason: 'local-path' };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
