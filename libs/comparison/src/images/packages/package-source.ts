import type { ImagePackage } from '../file-listing.js';

export type FoundPackage = Pick<ImagePackage, 'ecosystem' | 'name' | 'version'>;

/** Files of one kind that say which packages are installed. */
export interface PackageSource {
  readonly ecosystem: string;
  /** Paths, bytes as characters, where such a file means that a package is installed. */
  readonly pattern: RegExp;
  /** Paths where such a file may lie in a cache, under a hard link of which it is installed; default: `pattern`. */
  readonly cachePattern?: RegExp;
  /** Bytes that are kept of such a file. */
  readonly maxSize: number;
  /** True: what was read of a longer file is enough. Otherwise it is not read at all. */
  readonly isHeadEnough: boolean;
  /** @returns null when the text is not understood */
  read(text: string): readonly FoundPackage[] | null;
}

const NAME = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]{1,256}$/u;

/** Nobody's word is taken for what cannot be the name of a package. */
export function foundPackage(ecosystem: string, name: unknown, version: unknown): FoundPackage | null {
  if (typeof name !== 'string' || typeof version !== 'string') return null;
  return NAME.test(name) && NAME.test(version) ? { ecosystem, name: copied(name), version: copied(version) } : null;
}

/** A part of a text keeps all of the text in memory. */
function copied(text: string): string {
  return Buffer.from(text).toString('utf8');
}

/** Fields of a paragraph in the manner of RFC 822. The first of a name counts; continued lines belong to the field above. */
export function headerFields(paragraph: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of paragraph.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 1 || /^\s/.test(line)) continue;
    const key = line.slice(0, colon).toLowerCase();
    if (!fields.has(key)) fields.set(key, line.slice(colon + 1).trim());
  }
  return fields;
}
