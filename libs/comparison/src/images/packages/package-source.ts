import type { ImagePackage, UnreadPackages } from '../file-listing.js';

export type FoundPackage = Pick<ImagePackage, 'ecosystem' | 'name' | 'writtenName' | 'version' | 'qualifiers'>;

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
  /**
   * @returns null when the content is not understood
   * @throws NotUnderstood when it can be said why
   */
  read(content: Buffer): readonly FoundPackage[] | null;
}

/** Why the content is not what its place promises. The message ends the sentence "not understood: ...". */
export class NotUnderstood extends Error {
  override readonly name = 'NotUnderstood';
}

/** Why nobody knows what a file says about packages. */
export type Unread = Omit<UnreadPackages, 'path'>;

/** A file of the image, by its printable path, and what it says. */
export interface FoundInFile {
  readonly path: string;
  readonly found: readonly FoundPackage[] | Unread;
}

export function isUnread(found: FoundInFile['found']): found is Unread {
  return 'reason' in found;
}

const NAME = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]{1,256}$/u;

/** Nobody's word is taken for what cannot be the name of a package. */
export function foundPackage(
  ecosystem: string,
  name: unknown,
  version: unknown,
  qualifiers: Readonly<Record<string, string | undefined>> = {},
): FoundPackage | null {
  if (typeof name !== 'string' || typeof version !== 'string') return null;
  if (!NAME.test(name) || !NAME.test(version)) return null;
  const known = Object.entries(qualifiers)
    .flatMap(([key, value]) => (value !== undefined && NAME.test(value) ? [[key, copied(value)] as const] : []))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    ecosystem,
    name: copied(name),
    version: copied(version),
    ...(known.length > 0 && { qualifiers: Object.fromEntries(known) }),
  };
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
