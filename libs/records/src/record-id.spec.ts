import { describe, expect, it } from 'vitest';
import { isRecordId, newRecordId } from './record-id.js';

describe('records/record-id', () => {
  it('makes identifiers that check', () => {
    for (let i = 0; i < 200; i++) expect(isRecordId(newRecordId())).toBe(true);
  });

  it('notices every single wrong character', () => {
    const id = newRecordId();

    for (const position of [4, 5, 6, 7, 9, 10, 11, 12]) {
      const other = id[position] === 'z' ? 'y' : 'z';
      expect(isRecordId(id.slice(0, position) + other + id.slice(position + 1))).toBe(false);
    }
  });

  it.each(['', 'env-', 'env-ilou-ilou', 'ENV-3K7Q-9W2X', 'env-3k7q9w2x', 'lab/eeg'])('refuses %j', (text) => {
    expect(isRecordId(text)).toBe(false);
  });
});
