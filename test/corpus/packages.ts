import { readEnvironmentFile, redactUrl } from '@envarium/formats';
import { z } from 'zod';
import { compareSets, ok, type Verdict } from './verdict.js';

/** Folders of the corpus whose format is read here, with the id of the format. */
export const packageFolders = new Map([
  ['pip-requirements', 'pip-requirements'],
  ['pip-freeze', 'pip-requirements'],
  ['pip-compile', 'pip-requirements'],
  ['pipfile-lock', 'pipfile-lock'],
  ['pylock', 'pylock'],
  ['poetry-lock', 'poetry-lock'],
  ['uv-lock', 'uv-lock'],
  ['runtime-txt', 'runtime-txt'],
  ['apt-txt', 'apt-txt'],
  ['conda-env', 'conda-environment'],
  ['conda-export', 'conda-environment'],
  ['conda-explicit', 'conda-explicit'],
  ['conda-lock', 'conda-lock'],
  ['pixi-lock', 'pixi-lock'],
  ['julia', 'julia-manifest'],
  ['renv-lock', 'renv-lock'],
  ['npm-lock', 'package-lock'],
  ['dpkg-status', 'dpkg-status'],
  ['dpkg-list', 'dpkg-list'],
  ['cyclonedx', 'cyclonedx'],
  ['go-mod', 'go-mod'],
  ['spdx', 'spdx'],
  ['cargo-lock', 'cargo-lock'],
  ['flake-lock', 'flake-lock'],
  ['r-description', 'r-description'],
  ['r-sessioninfo', 'r-sessioninfo'],
  ['rpm-list', 'rpm-list'],
]);

const Expected = z.object({
  error: z.unknown().optional(),
  packages: z
    .array(
      z.object({
        name: z.string().nullish(),
        version: z.string().nullish(),
        /** of R: the version is the bound of a range, but for == */
        op: z.string().optional(),
        error: z.unknown().optional(),
      }),
    )
    .default([]),
});

/** Compares the (name, version) set of a file with that of its expected result. */
export function comparePackages(bytes: Uint8Array, path: string, expectedJson: unknown): Verdict {
  const expected = Expected.parse(expectedJson);
  // Entries without a name are lines that the reference reader refused, or links that name no package.
  const named = isCommand(expected.packages)
    ? []
    : expected.packages.flatMap(({ name, version, op = '==' }) =>
        name ? [spell(name, op === '==' ? (version ?? null) : null)] : [],
      );
  const reading = readEnvironmentFile(bytes, path);
  if (reading.outcome === 'understood') {
    const actual = reading.spec.packages.map(({ name, version }) => spell(name, version));
    return compareSets(new Set(expected.error === undefined ? named : []), new Set(actual));
  }
  if (expected.error !== undefined || named.length === 0) return ok;
  const { reason, line } = reading.problem;
  const detail = line === null ? reason : `${reason} line ${line}`;
  return { outcome: reading.format === null ? 'not understood yet' : 'refused', detail, hasInvention: false };
}

/** The reference splits apt.txt into words and judges none; an option among them tells that the line is a command. */
function isCommand(packages: readonly { name?: string | null | undefined }[]): boolean {
  return packages.some(({ name }) => name?.startsWith('-'));
}

/** A git dependency of npm has a URL for a version; a token in it is repeated by the reference reader, and never by ours. */
function spell(name: string, version: string | null): string {
  return version === null ? name : `${name}==${redactUrl(version).url}`;
}
