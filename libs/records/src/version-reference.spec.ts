import { ArchiveError } from '@envarium/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newRecordId } from './record-id.js';
import { parseVersionReference } from './version-reference.js';

describe('records/version-reference', () => {
  it.each([
    ['lab/eeg@v2', { record: { repository: 'lab/eeg' }, version: 2 }],
    ['lab/eeg', { record: { repository: 'lab/eeg' }, version: null }],
    ['a.b_c/d-e/f@v999999999', { record: { repository: 'a.b_c/d-e/f' }, version: 999_999_999 }],
    // The last character is wrong: no identifier of ours, and so a name that nobody has.
    ['env-0000-0001@v1', { record: { repository: 'env-0000-0001' }, version: 1 }],
  ])('reads %s', (text, expected) => {
    expect(parseVersionReference(text)).toEqual(expected);
  });

  it('knows identifiers of records from names of repositories', () => {
    const id = newRecordId();

    expect(parseVersionReference(id)).toEqual({ record: { publicId: id }, version: null });
    expect(parseVersionReference(`${id}@v12`)).toEqual({ record: { publicId: id }, version: 12 });
  });

  it.each([
    ['nothing', ''],
    ['version 0', 'lab/eeg@v0'],
    ['a leading zero', 'lab/eeg@v01'],
    ['no number', 'lab/eeg@v'],
    ['ten digits', 'lab/eeg@v1000000000'],
    ['a capital', 'Lab/eeg'],
    ['a blank', 'lab/eeg '],
    ['a line feed', 'lab/eeg\n'],
    ['a digest', 'lab/eeg@sha256:00'],
    ['two versions', 'lab/eeg@v1@v2'],
    ['256 characters', 'a'.repeat(256)],
  ])('refuses %s', (_, text) => {
    expect(() => parseVersionReference(text)).toThrowError(expect.objectContaining({ code: 'RECORD_UNKNOWN' }));
  });

  it('fails in no other way, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          parseVersionReference(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ArchiveError);
        }
      }),
    );
  });
});
