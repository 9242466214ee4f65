import type { EnvironmentSpec, SkipReason } from '@envarium/schema';

/**
 * One environment file format. The face of a folder: constants and one pure function, no I/O, nothing executed or fetched.
 */
export interface EnvironmentFormat {
  /** Stable id, equal to the folder's name. */
  readonly id: string;
  /** Name for people. */
  readonly name: string;
  /** Where the format is specified. */
  readonly url: string;
  readonly kind: 'package file' | 'lock file' | 'listing' | 'recipe' | 'sbom';
  /** Usual file names, tested on the base name. A hint for `capture`; detection itself reads the content. */
  readonly patterns: readonly RegExp[];
  /** The specification allows no other encoding (JSON, TOML). Another is read, and said so. */
  readonly isUtf8Only?: boolean;
  /** purl types the format can name. */
  readonly ecosystems: readonly string[];
  /**
   * @param content decoded text, without byte-order mark
   * @param path path inside the deposit, `/` separated; a weak hint only
   * @returns null when this is not the format
   * @throws FormatError when it certainly is this format, but cannot be read
   */
  readonly extract: (content: string, path: string) => EnvironmentSpec | null;
}

/** The file is of the format, but broken. The bytes are kept; the reason is shown on the record. */
export class FormatError extends Error {
  override readonly name = 'FormatError';

  constructor(
    readonly reason: SkipReason,
    message: string,
    readonly line: number | null = null,
    options: { cause?: unknown } = {},
  ) {
    super(message, options);
  }
}
