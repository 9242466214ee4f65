import { ArchiveError, type ErrorCode } from '@envarium/errors';
import { describe, expect, it } from 'vitest';
import { outcomeOf, problemOf } from './job-outcome.js';

describe('jobs/job-outcome', () => {
  it.each<[ErrorCode, string]>([
    ['RECIPE_REFUSED', 'refused'],
    ['RECIPE_INVALID', 'unsupported'],
    ['BASE_UNOBTAINABLE', 'unsupported'],
    ['CLOSURE_INCOMPLETE', 'closure-incomplete'],
    ['JOB_ABANDONED', 'failed'],
    ['BLOB_CORRUPT', 'failed'],
  ])('takes %s for %s', (code, outcome) => {
    expect(outcomeOf(code)).toBe(outcome);
  });

  it('says what to do about an error of the table, and nothing of any other', () => {
    expect(problemOf(new ArchiveError('CLOSURE_UNKNOWN', { reference: 'lab/eeg@v1' }))).toEqual({
      code: 'CLOSURE_UNKNOWN',
      title: 'nothing was recorded for a rebuild of this version',
      remedy: 'Record it while its sources still exist: `envarium rehearse`.',
      detail: { reference: 'lab/eeg@v1' },
    });
    expect(problemOf(new TypeError('x is not a function'))).toMatchObject({
      code: 'INTERNAL',
      title: 'internal error',
      detail: {},
    });
  });
});
