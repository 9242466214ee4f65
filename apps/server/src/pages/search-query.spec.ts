import { describe, expect, it } from 'vitest';
import { readSearch, type Search } from './search-query.js';
import type { SearchText } from './search-form.js';

const HEX = 'f3'.repeat(32);
const BLANK = { doi: '', output: ' ', file: '', record: '' };

describe('server/pages/search-query', () => {
  it.each<[SearchText, Search]>([
    [{}, { kind: 'nothing' }],
    [BLANK, { kind: 'nothing' }],
    [
      { ...BLANK, doi: ' 10.5555/1 ' },
      { kind: 'output', query: { doi: '10.5555/1' } },
    ],
    [
      { ...BLANK, doi: '10.5555/1', output: 'Fig. 3' },
      { kind: 'output', query: { doi: '10.5555/1', output: 'Fig. 3' } },
    ],
    [
      { ...BLANK, file: HEX.toUpperCase() },
      { kind: 'output', query: { file: `sha256:${HEX}` } },
    ],
    [
      { ...BLANK, file: `${HEX}  figure 3.svg` },
      { kind: 'output', query: { file: `sha256:${HEX}` } },
    ],
    [
      { ...BLANK, file: `sha256:${HEX}` },
      { kind: 'output', query: { file: `sha256:${HEX}` } },
    ],
    [
      { ...BLANK, record: 'lab/eeg' },
      { kind: 'record', reference: 'lab/eeg' },
    ],
  ])('reads %j', (text, search) => {
    expect(readSearch(text)).toEqual(search);
  });

  it.each<[SearchText]>([
    [{ output: 'Figure 3' }],
    [{ file: 'abc' }],
    [{ file: `${HEX}0` }],
    [{ doi: '10.5555/1', file: HEX }],
    [{ record: 'lab/eeg', file: HEX }],
  ])('says that %j is unclear', (text) => {
    expect(readSearch(text).kind).toBe('unclear');
  });
});
