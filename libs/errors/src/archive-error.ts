import { errorEntry, type ErrorCode } from './codes.js';

/** What went wrong, as data: names, offsets, expected and actual values. Never a sentence. */
export type ErrorDetail = Readonly<Record<string, unknown>>;

/** The only error our code throws on purpose. `code` is a key of the table, `detail` is data, `cause` is kept. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';

  constructor(
    readonly code: ErrorCode,
    readonly detail: ErrorDetail = {},
    options: { cause?: unknown } = {},
  ) {
    super(errorEntry(code).title, options);
  }

  get status(): number {
    return errorEntry(this.code).status;
  }

  get remedy(): string | undefined {
    const { remedy, remedies } = errorEntry(this.code);
    const { reason } = this.detail;
    return (typeof reason === 'string' ? remedies?.[reason] : undefined) ?? remedy;
  }

  get isTemporary(): boolean {
    return errorEntry(this.code).isTemporary ?? false;
  }
}
