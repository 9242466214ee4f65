import type { SkipReason, SpecPackage } from '@envarium/schema';
import { formatPurl } from '../purl.js';
import { specPackage } from '../spec.js';

/** What a dpkg listing says of one package. */
export interface DebFacts {
  /** as written, with `:architecture` where dpkg adds it */
  readonly name: string;
  readonly version: string | null;
  readonly architecture: string | null;
  /** source package as dpkg writes it: `lvm2 (2.02.176-4.1ubuntu3)` */
  readonly source: string | null;
  readonly isInstalled: boolean;
  /** false when the terminal may have cut the name or the version off */
  readonly isNameWhole: boolean;
  readonly isVersionWhole: boolean;
  readonly line: number;
}

/** https://www.debian.org/doc/debian-policy/ch-controlfields.html#version */
const VERSION = /^(?:\d+:)?[0-9A-Za-z][0-9A-Za-z.+~:-]*$/;
/** https://www.debian.org/doc/debian-policy/ch-controlfields.html#source, upper case as dpkg takes it */
export const DEB_NAME = /^[0-9A-Za-z][0-9A-Za-z+.-]+$/;

/**
 * @param vendor purl namespace: the distribution that built the packages. `distro` is left out of the purl, because no
 * dpkg listing tells the release.
 */
export function debPackage(facts: DebFacts, vendor: string): SpecPackage {
  const [bareName = '', qualifier] = facts.name.split(':', 2);
  const architecture = facts.architecture ?? qualifier ?? null;
  const isVersionSure = facts.version !== null && facts.isVersionWhole && VERSION.test(facts.version);
  const purl = formatPurl({
    type: 'deb',
    namespace: vendor,
    name: bareName,
    ...(isVersionSure && facts.version !== null ? { version: facts.version } : {}),
    ...(architecture === null ? {} : { qualifiers: { arch: architecture } }),
  });
  return specPackage({
    ecosystem: 'deb',
    name: facts.name,
    normalizedName: bareName,
    version: facts.version,
    build: architecture,
    standing: 'observed',
    purl: facts.isNameWhole && DEB_NAME.test(bareName) ? purl : null,
    source: facts.source,
    line: facts.line,
    skipReason: skipReasonOf(facts, bareName, isVersionSure),
  });
}

function skipReasonOf(facts: DebFacts, bareName: string, isVersionSure: boolean): SkipReason | null {
  if (!facts.isInstalled) return 'not-installed';
  if (!DEB_NAME.test(bareName)) return 'name-invalid';
  if (!facts.isNameWhole) return 'truncated-name';
  if (facts.version === null) return 'no-version';
  return isVersionSure ? null : 'version-invalid';
}

/**
 * Ubuntu marks its versions (https://wiki.ubuntu.com/SecurityTeam/UpdatePreparation); `base-files` belongs to the
 * distribution itself, where single packages may come from elsewhere. Debian when nothing says otherwise.
 */
export function vendorOf(packages: readonly Pick<DebFacts, 'name' | 'version'>[]): 'ubuntu' | 'debian' {
  const base = packages.find(({ name }) => name === 'base-files');
  const told = base === undefined ? packages : [base];
  return told.some(({ version }) => version?.includes('ubuntu') === true) ? 'ubuntu' : 'debian';
}
