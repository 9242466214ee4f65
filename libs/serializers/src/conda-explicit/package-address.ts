import type { ManifestPackage } from '@envarium/schema';

/** Where a conda package file lies. */
export interface PackageAddress {
  readonly url: string;
  /** `linux-64`, `noarch`, ... */
  readonly subdir: string;
}

const FILE = /^https?:\/\/[^\s#?]+\/(?<subdir>[a-z0-9-]+)\/(?<name>[^\s/#?]+)\.(?:conda|tar\.bz2)$/;
const CHANNEL = /^https?:\/\/[^\s#?]+$/;

/**
 * The source is the address itself, or the channel it lies in: then the purl tells the rest.
 * https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-specs.html
 *
 * @returns null where the address is not known exactly
 */
export function packageAddress({ name, version, build, source, purl }: ManifestPackage): PackageAddress | null {
  if (source === null || version === null || build === null) return null;
  const stem = `${name}-${version}-${build}`;
  const file = FILE.exec(source)?.groups;
  if (file !== undefined)
    return decode(file['name'] ?? '') === stem ? { url: source, subdir: file['subdir'] ?? '' } : null;
  if (!CHANNEL.test(source) || !/^[^\s/#?\\]+$/.test(stem)) return null;
  const qualifiers = new URLSearchParams(purl?.split('#')[0]?.split('?')[1] ?? '');
  const [subdir, type] = [qualifiers.get('subdir'), qualifiers.get('type')];
  if (subdir === null || !/^[a-z0-9-]+$/.test(subdir) || (type !== 'conda' && type !== 'tar.bz2')) return null;
  // `!` of an epoch and `+` of a local version stand in such addresses as they are.
  const encoded = encodeURIComponent(stem).replaceAll('%2B', '+');
  return { url: `${source.replace(/\/+$/, '')}/${subdir}/${encoded}.${type}`, subdir };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
