/** A C library, by what it says of itself. */
export interface LibcVersion {
  readonly family: 'glibc' | 'musl';
  readonly version: string;
}

/** More than any sentence that is looked for; kept of what has passed, so that none is cut in two. */
const OVERLAP = 512;
/** Looked through at once, so that what comes in crumbs costs no more than what comes in one piece. */
const WINDOW = 32 * 1024;
/** No C library is larger, debugging symbols and all. */
const MAX_SCANNED = 32 * 1024 * 1024;
const MAX_MUSL = 4 * 1024 * 1024;
/** Of each text that is looked for: a C library has one banner, and fifty names of symbol versions. */
const MAX_HITS = 1024;

/** `GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.`, without the parentheses before 2.15. */
const GLIBC = 'GNU C Library ';
const GLIBC_RELEASE =
  /^GNU C Library [^\0\n]{0,200}?release version (?<version>\d{1,3}(?:\.\d{1,5}){1,3})(?=\.?[\n, ])/;
/** Symbol versions, of which it defines one for each release that added symbols. */
const SYMBOLS = '\0GLIBC_2.';
const SYMBOL_RELEASE = /^\0GLIBC_2\.(?<minor>\d{1,3})(?:\.\d{1,3})?\0/;
const MUSL = 'musl libc (';
/** The only text of three numbers in it; it has no name that a program could look up. */
const MUSL_VERSION = /(?<=\0)[01]\.\d{1,2}\.\d{1,2}(?:-git-[0-9a-z-]{1,60})?(?=\0)/g;

/** Finds the version of a C library in its texts, while it passes by. */
export class LibcVersionReader {
  #text = '';
  #scanned = 0;
  readonly #hits = new Map<string, number>();
  #release: string | null = null;
  #newestSymbol: number | null = null;
  #isMusl = false;
  readonly #muslVersions = new Set<string>();

  push(chunk: Uint8Array): void {
    if (this.#release !== null || this.#scanned > MAX_SCANNED) return;
    this.#scanned += chunk.length;
    this.#text += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1');
    if (this.#text.length >= WINDOW) this.#scan();
  }

  /** @returns null: it is no C library that is known, or does not say for certain which */
  read(): LibcVersion | null {
    this.#scan();
    if (this.#release !== null) return { family: 'glibc', version: this.#release };
    const [version, another] = this.#muslVersions;
    if (this.#isMusl) return version === undefined || another !== undefined ? null : { family: 'musl', version };
    return this.#newestSymbol === null ? null : { family: 'glibc', version: `2.${this.#newestSymbol}` };
  }

  #scan(): void {
    const text = this.#text;
    for (const part of this.#parts(text, GLIBC)) {
      this.#release ??= GLIBC_RELEASE.exec(part)?.groups?.['version'] ?? null;
    }
    for (const part of this.#parts(text, SYMBOLS)) {
      const minor = SYMBOL_RELEASE.exec(part)?.groups?.['minor'];
      if (minor !== undefined) this.#newestSymbol = Math.max(this.#newestSymbol ?? 0, Number(minor));
    }
    if (this.#newestSymbol === null && this.#scanned <= MAX_MUSL) this.#scanForMusl(text);
    this.#text = text.slice(-OVERLAP);
  }

  #scanForMusl(text: string): void {
    this.#isMusl ||= text.includes(MUSL);
    for (const [version] of text.matchAll(MUSL_VERSION)) {
      // Of the third nobody needs to know.
      if (this.#muslVersions.size < 2) this.#muslVersions.add(version);
    }
  }

  /** What stands where the text begins as it is looked for. */
  *#parts(text: string, beginning: string): Generator<string, void, undefined> {
    let hits = this.#hits.get(beginning) ?? 0;
    for (let at = text.indexOf(beginning); at !== -1 && hits < MAX_HITS; at = text.indexOf(beginning, at + 1)) {
      hits += 1;
      yield text.slice(at, at + OVERLAP);
    }
    this.#hits.set(beginning, hits);
  }
}
