/** A C library, by what it says of itself. */
export interface LibcVersion {
  readonly family: 'glibc' | 'musl';
  readonly version: string;
}

/** More than any sentence that is looked for; kept of what has passed, so that none is cut in two. */
const OVERLAP = 512;
/** No C library is larger, debugging symbols and all. */
const MAX_SCANNED = 64 * 1024 * 1024;

const GLIBC = 'GNU C Library ';
/** `GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.`, without the parentheses before 2.15. */
const GLIBC_RELEASE =
  /^GNU C Library [^\0\n]{0,200}?release version (?<version>\d{1,3}(?:\.\d{1,5}){1,3})(?=\.?[\n, ])/;
/** Names of symbol versions, of which it defines one for each release that added symbols. */
const GLIBC_SYMBOLS = /(?<=\0)GLIBC_(?<major>2)\.(?<minor>\d{1,3})(?:\.\d{1,3})?(?=\0)/g;
const MUSL = 'musl libc (';
/** The only text of three numbers in it; it has no name that a program could look up. */
const MUSL_VERSION = /(?<=\0)[01]\.\d{1,2}\.\d{1,2}(?:-git-[0-9a-z-]{1,60})?(?=\0)/g;

/** Finds the version of a C library in its texts, while it passes by. */
export class LibcVersionReader {
  #tail = '';
  #scanned = 0;
  #release: string | null = null;
  #newestSymbol: number | null = null;
  #isMusl = false;
  readonly #muslVersions = new Set<string>();

  push(chunk: Uint8Array): void {
    if (this.#release !== null || this.#scanned > MAX_SCANNED) return;
    this.#scanned += chunk.length;
    const text = this.#tail + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1');
    this.#tail = text.slice(-OVERLAP);
    for (let at = text.indexOf(GLIBC); at !== -1; at = text.indexOf(GLIBC, at + 1)) {
      this.#release ??= GLIBC_RELEASE.exec(text.slice(at, at + OVERLAP))?.groups?.['version'] ?? null;
    }
    for (const { groups } of text.matchAll(GLIBC_SYMBOLS)) {
      this.#newestSymbol = Math.max(this.#newestSymbol ?? 0, Number(groups?.['minor']));
    }
    this.#isMusl ||= text.includes(MUSL);
    for (const [version] of text.matchAll(MUSL_VERSION)) this.#muslVersions.add(version);
  }

  /** @returns null: it is no C library that is known, or does not say for certain which */
  read(): LibcVersion | null {
    if (this.#release !== null) return { family: 'glibc', version: this.#release };
    const [version, another] = this.#muslVersions;
    if (this.#isMusl) return version === undefined || another !== undefined ? null : { family: 'musl', version };
    return this.#newestSymbol === null ? null : { family: 'glibc', version: `2.${this.#newestSymbol}` };
  }
}
