import type { EnvironmentSpec } from '@envarium/schema';
import { addPypiPackage } from '../pypi-package.js';
import { emptySpec } from '../spec.js';
import { parseTomlOrNull, tablesOf } from '../toml.js';
import { UvLock, UvPackage } from './schema.js';
import { originOf } from './source.js';

export const FILE_NAME = /(?:^|[^a-z])uv\.lock$/i;

const MAY_BE = /^[ \t]*version[ \t]*=[ \t]*\d/m;
/** No other lock has its packages with such sources. */
const CERTAIN = /^[ \t]*source[ \t]*=[ \t]*\{[ \t]*(?:registry|git|url|path|directory|editable|virtual)[ \t]*=/m;
const KNOWN_VERSION = 1;

export function extract(content: string, path: string): EnvironmentSpec | null {
  const isCertain = FILE_NAME.test(path) || CERTAIN.test(content);
  if (!isCertain && !MAY_BE.test(content)) return null;
  const document = parseTomlOrNull(content, 2, isCertain);
  const lock = UvLock.safeParse(document?.root).data;
  if (document === null || lock === undefined) return null;
  const list = lock.package === undefined && lock.distribution !== undefined ? 'distribution' : 'package';
  const packages = tablesOf(lock[list]).map(({ table, index }) => ({ found: UvPackage.parse(table), index }));
  // A lock of Rust has packages with texts for sources.
  const isUv =
    packages.length === 0
      ? lock['requires-python'] !== undefined
      : packages.some(({ found: { source } }) => typeof source === 'object' || (source && list === 'distribution'));
  if (!isUv) return null;

  const spec = emptySpec('uv-lock', 'language');
  if (lock.version !== KNOWN_VERSION) {
    const message = `The lock is of version ${lock.version}, which is not known; it was read like ${KNOWN_VERSION}.`;
    spec.problems.push({ reason: 'unsupported-option', message, line: document.lineOf('version') });
  }
  const python = lock['requires-python'];
  if (python !== undefined) {
    const line = document.lineOf('requires-python');
    spec.runtimes.push({ name: 'python', version: null, specifier: python, line });
  }
  for (const { found, index } of packages) addPackage(found, document.lineOf(list, index), spec);
  return spec;
}

function addPackage(found: UvPackage, line: number | null, spec: EnvironmentSpec): void {
  const { name, version, sdist, wheels = [], wheel = [] } = found;
  const origin = originOf(found.source);
  if (name === undefined || name === '') {
    spec.problems.push({ reason: 'name-invalid', message: 'The package has no name.', line });
    return;
  }
  if (origin === null) {
    const message = `The source of ${name} is of a kind that is not known.`;
    spec.problems.push({ reason: 'unsupported-option', message, line });
  }
  const files = [...(sdist === undefined ? [] : [sdist]), ...wheels, ...wheel];
  addPypiPackage(
    {
      name,
      version,
      origin: origin ?? { kind: 'local', path: '' },
      standing: 'locked',
      hashes: files.flatMap(({ hash }) => hash ?? []),
      marker: forksOf(found),
      line,
    },
    spec,
  );
}

/** A package that stands twice belongs to forks of the resolution: to any of these. */
function forksOf(found: UvPackage): string | null {
  const markers = found['resolution-markers'] ?? found['environment-markers'] ?? [];
  const [only] = markers;
  if (only === undefined || markers.length === 1) return only ?? found.marker ?? null;
  return markers.map((marker) => `(${marker})`).join(' or ');
}
