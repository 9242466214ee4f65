import type { EnvironmentSpec } from '@envarium/schema';
import { addPypiPackage, type PypiOrigin } from '../pypi-package.js';
import { emptySpec } from '../spec.js';
import { parseTomlOrNull, tablesOf } from '../toml.js';
import { Pylock, PylockPackage } from './schema.js';

/** https://packaging.python.org/en/latest/specifications/pylock-toml/#file-name */
export const FILE_NAME = /(?:^|[^a-z])pylock(?:\.[^./]+)?\.toml$/;

const MAY_BE = /^[ \t]*lock-version[ \t]*=/m;
const PACKAGES = /^[ \t]*(?:\[\[[ \t]*packages[ \t]*\]\]|packages[ \t]*=)/m;

export function extract(content: string, path: string): EnvironmentSpec | null {
  const isCertain = FILE_NAME.test(path) || (MAY_BE.test(content) && PACKAGES.test(content));
  if (!isCertain) return null;
  const document = parseTomlOrNull(content, 2, true);
  const lock = Pylock.safeParse(document?.root).data;
  if (document === null || lock === undefined || !Array.isArray(lock.packages)) return null;
  if (lock['lock-version'] === undefined) return null;

  const spec = emptySpec('pylock', 'language');
  readVersion(lock['lock-version'], document.lineOf('lock-version'), spec);
  const python = lock['requires-python'];
  if (python !== undefined) {
    const line = document.lineOf('requires-python');
    spec.runtimes.push({ name: 'python', version: null, specifier: python, line });
  }
  for (const { table, index } of tablesOf(lock.packages)) {
    addPackage(PylockPackage.parse(table), document.lineOf('packages', index), spec);
  }
  return spec;
}

/** Another minor version may say more; another major version may say something else. */
function readVersion(version: unknown, line: number | null, spec: EnvironmentSpec): void {
  if (version === '1.0') return;
  const shown = typeof version === 'string' ? version.slice(0, 20) : 'no text';
  const message = `lock-version is ${shown}, which is not known; it was read like 1.0.`;
  spec.problems.push({ reason: 'unsupported-option', message, line });
}

function addPackage(found: PylockPackage, line: number | null, spec: EnvironmentSpec): void {
  const { name = '', version, marker = null } = found;
  const origin = originOf(found);
  addPypiPackage({ name, version, origin, standing: 'locked', hashes: hashesOf(found), marker, line }, spec);
}

function originOf({ vcs, directory, archive, index, sdist, wheels = [] }: PylockPackage): PypiOrigin {
  if (vcs !== undefined) {
    const { url, path, type = 'git', subdirectory = null } = vcs;
    const revision = vcs['commit-id'] ?? vcs['requested-revision'] ?? null;
    if (url === undefined) return { kind: 'local', path: path ?? '' };
    return { kind: 'vcs', system: type, url, revision, subdirectory };
  }
  if (directory !== undefined) return { kind: 'local', path: directory.path ?? '' };
  if (archive !== undefined) {
    const { url, path, subdirectory = null } = archive;
    return url === undefined ? { kind: 'local', path: path ?? '' } : { kind: 'url', url, subdirectory };
  }
  const files = [sdist, ...wheels].flatMap((file) => file ?? []);
  const isAllLocal = files.length > 0 && files.every(({ url }) => url === undefined);
  return isAllLocal && index === undefined
    ? { kind: 'local', path: files[0]?.path ?? '' }
    : { kind: 'index', url: index ?? null };
}

function hashesOf({ archive, sdist, wheels = [] }: PylockPackage): string[] {
  return [archive, sdist, ...wheels].flatMap((file) =>
    Object.entries(file?.hashes ?? {}).flatMap(([algorithm, value]) =>
      typeof value === 'string' ? `${algorithm}:${value}` : [],
    ),
  );
}
