import { isPep440Version, parseSpecifier, pinnedVersion } from '../pip-requirements/pep440.js';
import { limits } from '../limits.js';
import { addPypiPackage, gitOrigin, type PypiOrigin } from '../pypi-package.js';
import { tableOf, type TomlTable } from '../toml.js';
import type { Part } from './requirements.js';

/** Adds a table of dependencies as Poetry has them. https://python-poetry.org/docs/dependency-specification/ */
export function readPoetryDependencies(value: unknown, part: Part): void {
  const { document, spec, keys } = part;
  const group = keys.join('.');
  if (group.length > limits.repeatedCharacters) return;
  for (const [name, entry] of Object.entries(tableOf(value) ?? {})) {
    const line = document.lineOf(...keys, name);
    const entries: readonly unknown[] = Array.isArray(entry) ? entry : [entry];
    for (const each of entries) {
      const table = typeof each === 'string' ? { version: each } : tableOf(each);
      if (table === null) {
        spec.problems.push({ reason: 'syntax-invalid', message: `The entry of ${group} is no table.`, line });
      } else if (name === 'python') {
        spec.runtimes.push({ name, version: null, specifier: textOf(table, 'version'), line });
      } else {
        addPypiPackage(
          {
            name,
            origin: originOf(table),
            standing: 'declared',
            marker: markerOf(table),
            group,
            line,
            ...readVersion(table),
          },
          spec,
        );
      }
    }
  }
}

/** A bare `1.2.3` is exact in Poetry; `^`, `~` and `.*` are ranges. */
function readVersion(table: TomlTable): { version: unknown; specifier: string | null } {
  const { version, extras } = table;
  const names = Array.isArray(extras) ? extras.filter((extra) => typeof extra === 'string') : [];
  const prefix = names.length === 0 ? '' : `[${names.join(',')}]`;
  if (typeof version !== 'string') return { version, specifier: prefix || null };
  const written = version.trim() === '*' ? '' : version.trim();
  const specifier = prefix + written || null;
  if (isPep440Version(written)) return { version: written, specifier };
  const clauses = parseSpecifier(written);
  return { version: clauses === null ? null : pinnedVersion(clauses), specifier };
}

function originOf(table: TomlTable): PypiOrigin {
  const git = textOf(table, 'git');
  const url = textOf(table, 'url');
  const subdirectory = textOf(table, 'subdirectory');
  const path = textOf(table, 'path') ?? textOf(table, 'file');
  if (git !== null) {
    return gitOrigin(git, textOf(table, 'rev') ?? textOf(table, 'tag') ?? textOf(table, 'branch'), subdirectory);
  }
  if (url !== null) return { kind: 'url', url, subdirectory };
  return path === null ? { kind: 'index', url: null } : { kind: 'local', path };
}

function markerOf(table: TomlTable): string | null {
  const python = textOf(table, 'python');
  const platform = textOf(table, 'platform');
  const parts = [
    textOf(table, 'markers'),
    python === null ? null : `python ${python}`,
    platform === null ? null : `sys_platform == '${platform}'`,
  ].filter((part) => part !== null);
  if (parts.length < 2) return parts[0] ?? null;
  return parts.map((part) => `(${part})`).join(' and ');
}

export function textOf(table: TomlTable, key: string): string | null {
  const value = table[key];
  return typeof value === 'string' ? value : null;
}
