import { ArchiveError } from '@envarium/errors';
import { describe, expect, it } from 'vitest';
import { expectFailure } from '../store.suite.js';
import { callS3, isMissing } from './s3-errors.js';

const CALL = { name: 'HeadObject', key: 'oci-layout', deadlineMs: 1000, isRepeatable: true };

describe('storage/s3/s3-errors', () => {
  it('tries again when that may help', async () => {
    const failures = [s3Error('SlowDown'), s3Error('ECONNRESET')];
    let attempts = 0;

    const result = await callS3(CALL, async () => {
      attempts += 1;
      const failure = failures.shift();
      if (failure) throw failure;
      return 'here';
    });

    expect({ result, attempts }).toEqual({ result: 'here', attempts: 3 });
  });

  it.each([
    ['ECONNREFUSED', 'STORE_UNAVAILABLE', 3],
    ['InternalError', 'STORE_UNAVAILABLE', 3],
    ['AccessDenied', 'STORE_UNAVAILABLE', 1],
    ['XMinioStorageFull', 'STORE_FULL', 1],
    ['QuotaExceeded', 'STORE_FULL', 1],
    ['NoSuchUpload', 'STORE_UNAVAILABLE', 1],
  ] as const)('turns %s into %s after %i attempts and keeps the cause', async (code, expected, expectedAttempts) => {
    const cause = s3Error(code);
    let attempts = 0;

    const failure = await callS3(CALL, async () => {
      attempts += 1;
      throw cause;
    }).catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: expected, cause, detail: { call: 'HeadObject', key: 'oci-layout', code } });
    expect(attempts).toBe(expectedAttempts);
  });

  it('does not repeat a call that must not be repeated', async () => {
    let attempts = 0;

    const work = callS3({ ...CALL, isRepeatable: false }, async () => {
      attempts += 1;
      throw s3Error('ECONNRESET');
    });

    await expectFailure(work, 'STORE_UNAVAILABLE', { code: 'ECONNRESET' });
    expect(attempts).toBe(1);
  });

  it('gives up on a call that never ends', async () => {
    const work = callS3({ ...CALL, deadlineMs: 10 }, () => new Promise(() => undefined));

    await expectFailure(work, 'STORE_UNAVAILABLE', { code: 'ETIMEDOUT' });
  });

  it('tells what is missing from what is out of reach', async () => {
    const [missing, refused] = await Promise.all(
      ['NoSuchKey', 'AccessDenied'].map((code) =>
        callS3(CALL, () => Promise.reject(s3Error(code))).catch((error: unknown) => error),
      ),
    );

    expect([isMissing(missing), isMissing(refused)]).toEqual([true, false]);
    expect(missing).toBeInstanceOf(ArchiveError);
  });
});

function s3Error(code: string): Error {
  return Object.assign(new Error(code), { code });
}
