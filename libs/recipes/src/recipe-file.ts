import { ArchiveError } from '@envarium/errors';
import { decodeText } from '@envarium/formats';
import { recipeInvalid, recipeRefused } from './refusal.js';

/** A file of a deposit. Symbolic links are none: what they point to may lie outside. */
export interface RecipeFile {
  /** inside the deposit, `/` separated */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly isExecutable: boolean;
}

const MOST_FILES = 100_000;
/** of a whole deposit; what is larger belongs into the image, or into the inputs of a run */
const MOST_BYTES = 1024 * 1024 * 1024;
const MOST_PATH_CHARACTERS = 1024;
/** Package files and Dockerfiles are small; what is larger is data, and is not read. */
const MOST_TEXT_BYTES = 16 * 1024 * 1024;

/** Files of one deposit, by path. */
export class FileTree {
  /** sorted by path, in the order of code units: the same on every machine */
  readonly files: readonly RecipeFile[];
  readonly #byPath: ReadonlyMap<string, RecipeFile>;

  constructor(files: readonly RecipeFile[]) {
    if (files.length > MOST_FILES)
      throw recipeRefused(null, null, `A deposit is built with up to ${MOST_FILES} files.`);
    const size = files.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    if (size > MOST_BYTES) throw recipeRefused(null, null, `A deposit is built with up to ${MOST_BYTES} bytes.`);
    for (const { path } of files) assertPath(path);
    this.files = sortByPath(files);
    this.#byPath = new Map(this.files.map((file) => [file.path, file]));
    this.#assertDistinct();
  }

  has(path: string): boolean {
    return this.#byPath.has(path);
  }

  get(path: string): RecipeFile | null {
    return this.#byPath.get(path) ?? null;
  }

  /** @returns the first of these paths that is a file */
  first(paths: readonly string[]): string | null {
    return paths.find((path) => this.has(path)) ?? null;
  }

  /** Files that lie in a folder itself, not deeper. @param folder empty, or with a `/` at its end */
  namesIn(folder: string): string[] {
    return this.files
      .filter(({ path }) => path.startsWith(folder) && !path.includes('/', folder.length))
      .map(({ path }) => path.slice(folder.length));
  }

  /** @throws ArchiveError RECIPE_INVALID when the file is no text */
  text(path: string): string {
    const file = this.get(path);
    if (file === null) throw recipeInvalid(path, null, 'The file is missing.');
    if (file.bytes.byteLength > MOST_TEXT_BYTES) {
      throw recipeInvalid(path, null, `A file is read up to ${MOST_TEXT_BYTES} bytes.`);
    }
    try {
      return decodeText(file.bytes).text;
    } catch (cause) {
      if (cause instanceof ArchiveError) throw cause;
      throw recipeInvalid(path, null, 'The file is no text.', cause);
    }
  }

  /** A path may not be there twice, nor be a file and a folder at once: builders would differ in what they make of it. */
  #assertDistinct(): void {
    if (this.#byPath.size !== this.files.length) throw recipeRefused(null, null, 'A path is there twice.');
    for (const { path } of this.files) {
      for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
        const parent = path.slice(0, at);
        if (this.has(parent)) throw recipeRefused(parent, null, 'The path is a file and a folder.');
      }
    }
  }
}

export function sortByPath(files: readonly RecipeFile[]): RecipeFile[] {
  return [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** @throws ArchiveError RECIPE_REFUSED for a path that would leave its folder, or that file systems disagree about */
function assertPath(path: string): void {
  const segments = path.split('/');
  const isPlain = segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..');
  // oxlint-disable-next-line no-control-regex
  const isClean = !/[\x00-\x1f\x7f\\]|\p{Cs}/u.test(path);
  if (isPlain && isClean && path.length <= MOST_PATH_CHARACTERS) return;
  throw recipeRefused(
    JSON.stringify(path.slice(0, 200)),
    null,
    'The path of the file leads out of its folder, or is no plain path.',
  );
}
