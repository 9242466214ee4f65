import type { SkipReason, SpecPackage } from '@envarium/schema';
import { formatPurl } from '../purl.js';
import { specPackage } from '../spec.js';

/** What a listing says of one package. */
export interface RpmFacts {
  readonly name: string;
  /** as the listing writes it: `version-release`, or the version alone where the release stands apart */
  readonly written: string;
  readonly version: string;
  readonly release: string | null;
  readonly epoch: string | null;
  readonly architecture: string | null;
  /** purl namespace of whoever built it; null when nothing says */
  readonly vendor: string | null;
  readonly source: string | null;
  readonly isInstalled: boolean;
  readonly line: number;
}

/** https://rpm.org/docs/latest/manual/dependencies.html#versioning */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._+-]*$/;
const VERSION = /^[A-Za-z0-9][A-Za-z0-9._+~^]*$/;

/** The build is what the version does not say: the release where it stands apart, else the architecture. */
export function rpmPackage(facts: RpmFacts, vendor: string | null): SpecPackage {
  const skipReason = doubtOf(facts);
  const namespace = facts.vendor ?? vendor;
  const isApart = facts.release !== null && !facts.written.includes('-');
  const isValid = skipReason === null || skipReason === 'not-installed';
  return specPackage({
    ecosystem: 'rpm',
    name: facts.name,
    version: facts.written === '' ? null : facts.written,
    build: isApart ? facts.release : facts.architecture,
    standing: 'observed',
    purl: isValid ? purlOf(facts, namespace) : null,
    source: facts.source,
    line: facts.line,
    skipReason,
  });
}

function purlOf({ name, version, release, epoch, architecture }: RpmFacts, namespace: string | null): string | null {
  return formatPurl({
    type: 'rpm',
    name,
    version: release === null ? version : `${version}-${release}`,
    ...(namespace === null ? {} : { namespace }),
    qualifiers: {
      ...(architecture === null ? {} : { arch: architecture }),
      ...(epoch === null || epoch === '0' ? {} : { epoch }),
    },
  });
}

function doubtOf({ name, version, release, isInstalled }: RpmFacts): SkipReason | null {
  if (!isInstalled) return 'not-installed';
  if (!NAME.test(name)) return 'name-invalid';
  if (version === '') return 'no-version';
  return VERSION.test(version) && (release === null || VERSION.test(release)) ? null : 'version-invalid';
}

/** Marks that distributions put into the release. `el` alone is of several distributions. */
const DIST_TAGS: readonly (readonly [RegExp, string | null])[] = [
  [/\.fc\d+(?:\.|$)/, 'fedora'],
  [/\.mga\d+(?:\.|$)/, 'mageia'],
  [/\.amzn\d+(?:\.|$)/, 'amzn'],
  [/\.el\d+[\w.]*\.centos(?:\.|$)|\.el\d+\.centos/, 'centos'],
  [/\.el\d+[\w.]*\.rocky(?:\.|$)/, 'rocky'],
  [/\.el\d+[\w.]*\.alma(?:\.|$)/, 'almalinux'],
  [/\.oe\d+(?:\.|$)/, 'openeuler'],
  [/(?:^|\.)lp\d{3}(?:\.|$)/, 'opensuse'],
  [/\.(?:el|cm|azl|ocs|an|uel|ph)\d+(?:[._]|$)/, null],
];

export function hasDistTag(release: string): boolean {
  return DIST_TAGS.some(([pattern]) => pattern.test(release));
}

/** The vendor whom the releases of a listing name, unless they name several. */
export function vendorOf(packages: readonly RpmFacts[]): string | null {
  const vendors = new Set<string>();
  for (const { release } of packages) {
    const vendor = release === null ? null : (DIST_TAGS.find(([pattern]) => pattern.test(release))?.[1] ?? null);
    if (vendor !== null) vendors.add(vendor);
  }
  const [first = null] = vendors;
  return vendors.size === 1 ? first : null;
}
