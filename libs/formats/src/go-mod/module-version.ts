import { formatPurl } from '../purl.js';

/** Semantic versions as the go command takes them, https://go.dev/ref/mod#versions. `v1` and `v1.2` stand for `v1.0.0` and `v1.2.0`. */
const VERSION =
  /^v(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)?)?$/;
/** Needs no change: three numbers, and no build metadata. */
const FULL = /^v\d+\.\d+\.\d+(?:-[^+]*)?$/;
const MAJOR_OF_PATH = /(?:\/v(?<major>[1-9]\d*)|^gopkg\.in\/.*\.v(?<gopkg>0|[1-9]\d*)(?:-unstable)?)$/;

export function isModuleVersion(text: string): boolean {
  return VERSION.test(text);
}

/** The spelling under which Go compares: short versions in full, no build metadata but `+incompatible`. */
export function canonicalVersion(version: string): string {
  if (FULL.test(version)) return version;
  const [core = '', build] = version.split('+', 2);
  const dots = core.split('.').length;
  const full = dots < 3 && !core.includes('-') ? core + '.0'.repeat(3 - dots) : core;
  return build === 'incompatible' ? `${full}+incompatible` : full;
}

/** From major version 2 on the path ends with it (https://go.dev/ref/mod#major-version-suffixes). */
export function fitsMajorVersion(path: string, version: string): boolean {
  const groups = MAJOR_OF_PATH.exec(path)?.groups;
  const pathMajor = groups?.['major'] ?? groups?.['gopkg'];
  const [, major] = /^v(\d+)/.exec(version) ?? [];
  // /v1 is no suffix: the go command reads it as a part of the path that no version fits.
  if (pathMajor === undefined) return major === '0' || major === '1' || version.endsWith('+incompatible');
  if (groups?.['gopkg'] === '1' && version.startsWith('v0.0.0-')) return true;
  return major === pathMajor;
}

/** The purl type needs a namespace, so that a path of one element has no purl. */
export function golangPurl(path: string, version: string | null): string | null {
  const slash = path.lastIndexOf('/');
  if (slash <= 0) return null;
  return formatPurl({
    type: 'golang',
    namespace: path.slice(0, slash),
    name: path.slice(slash + 1),
    ...(version === null ? {} : { version }),
  });
}
