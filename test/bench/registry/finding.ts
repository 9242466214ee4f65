/** One measured number and what it has to be. */
export interface Finding {
  readonly what: string;
  readonly value: string;
  /** Null: only told. */
  readonly bar: string | null;
  readonly isMet: boolean;
}
