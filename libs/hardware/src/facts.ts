import type { HardwareSource, HowLearned } from '@envarium/schema';

/** The shape shared by StringFact, IntFact and StringListFact. */
export interface Fact<T> {
  value: T;
  source: HardwareSource;
  learned: HowLearned;
}

/** It stands in the report. Null stays null: an unknown value is no fact. */
export function reported<T>(source: HardwareSource, value: T | null): Fact<T> | null {
  return value === null ? null : { value, source, learned: 'reported' };
}

/** It was computed from what stands in the report. */
export function derived<T>(source: HardwareSource, value: T | null): Fact<T> | null {
  return value === null ? null : { value, source, learned: 'derived' };
}
