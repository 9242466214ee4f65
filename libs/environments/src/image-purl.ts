import type { ImagePackage, ImageSystem } from '@envarium/comparison';
import { formatPurl } from '@envarium/formats';

/** Ecosystems of distributions, whose packages a purl names by vendor: https://github.com/package-url/purl-spec */
const VENDORS: Readonly<Partial<Record<string, string>>> = { deb: 'debian', apk: 'alpine' };

/** @returns null where the specification has no name for it */
export function imagePackagePurl(each: ImagePackage, system: ImageSystem | null): string | null {
  // The checksum is of the file that was installed: a field of the package, and no part of its name.
  const { checksum: _, ...qualifiers } = each.qualifiers ?? {};
  const { ecosystem: type, name, version } = each;
  if (type === 'rpm') return rpmPurl(each, system);
  const vendor = VENDORS[type];
  if (vendor !== undefined) {
    const distro = system?.versionId == null ? {} : { distro: `${system.id}-${system.versionId}` };
    return formatPurl({
      type,
      namespace: system?.id ?? vendor,
      name,
      version,
      qualifiers: { ...qualifiers, ...distro },
    });
  }
  const [, scope, rest] = /^(@[^/]+)\/(.+)$/.exec(name) ?? [];
  if (type === 'npm' && scope !== undefined && rest !== undefined) {
    return formatPurl({ type, namespace: scope, name: rest, version });
  }
  return formatPurl({ type, name, version, qualifiers });
}

/** There the epoch is a qualifier; without a vendor nobody can tell whose package it is. */
function rpmPurl({ name, version, qualifiers = {} }: ImagePackage, system: ImageSystem | null): string | null {
  if (system === null) return null;
  const { epoch, rest } = /^(?:(?<epoch>\d+):)?(?<rest>.*)$/s.exec(version)?.groups ?? {};
  return formatPurl({
    type: 'rpm',
    namespace: system.id,
    name,
    version: rest ?? version,
    qualifiers: { ...qualifiers, ...(epoch !== undefined && { epoch }) },
  });
}
