import type { EnvironmentSpec } from '@envarium/schema';
import { presentMatch } from '../conda-environment/dependencies.js';
import { parseMatchSpec } from '../conda-environment/match-spec.js';
import { noteRuntime } from '../conda-environment/runtimes.js';

/** A package as conda lists it. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly build: string;
  /** credentials removed */
  readonly channel: string | null;
  readonly subdir: string | null;
  readonly hashes?: string[];
  readonly line: number | null;
}

/** A number stands in it, and nothing that a range has. */
const VERSION = /^[A-Za-z_!.+-]*\d[0-9A-Za-z_!.+-]*$/;

/** @returns false: it is no package, and was not added */
export function addInstalled(listed: InstalledPackage, spec: EnvironmentSpec): boolean {
  const { name, version, build, subdir, hashes, line } = listed;
  if (parseMatchSpec(`${name}=${version}=${build}`)?.name !== name || !VERSION.test(version)) return false;
  // `<pip>` stands in place of a build before conda 4.6, and in that of a channel too.
  const isPip = build === '<pip>' || listed.channel === '<pip>';
  const isEditable = listed.channel === '<develop>';
  const match = {
    name,
    version,
    build: isPip ? null : build,
    channel: isPip || isEditable ? 'pypi' : listed.channel,
    subdir,
    specifier: null,
  };
  const found = { ...presentMatch(match, { text: '', line, selector: null }, 'observed'), ...(hashes && { hashes }) };
  // The package of a directory: what it held is not known.
  spec.packages.push(isEditable ? { ...found, purl: null, skipReason: 'local-path' } : found);
  if (found.ecosystem === 'conda') noteRuntime(spec, name, { version, line });
  return true;
}
