import type { Cpu, HardwareFingerprint, HardwareSource } from '@envarium/schema';

/** What one report says: only the facts it holds, the rest left out. */
export interface HardwareReading extends Partial<Omit<HardwareFingerprint, 'schemaVersion' | 'cpu'>> {
  readonly cpu?: Partial<Cpu>;
}

/** One hardware report format. The face of a folder: constants and one pure function. */
export interface HardwareFormat {
  /** Stable id, equal to the folder's name. */
  readonly id: HardwareSource;
  /** Name for people. */
  readonly name: string;
  /** Where the format is specified. */
  readonly url: string;
  /** Usual file names, tested on the base name. A hint for `capture`; detection itself reads the content. */
  readonly patterns: readonly RegExp[];
  /**
   * @param content decoded text, without byte-order mark
   * @param path path inside the deposit, `/` separated; a weak hint only
   * @returns null when this is not the format
   * @throws ReportError when it certainly is this format, but cannot be read
   */
  readonly extract: (content: string, path: string) => HardwareReading | null;
}

/** The report is of the format, but broken, localised or hostile. The bytes are kept; the message is shown. */
export class ReportError extends Error {
  override readonly name = 'ReportError';

  constructor(
    message: string,
    readonly line: number | null = null,
    options: { cause?: unknown } = {},
  ) {
    super(message, options);
  }
}
