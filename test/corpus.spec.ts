import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { counted, runCorpus } from './corpus/run.js';

const directory = path.resolve(import.meta.dirname, '../../shared/corpus');
const results = runCorpus(directory);

describe('corpus', () => {
  if (results === null) {
    it('is not here', () => {
      console.warn(`SKIPPED: there is no corpus at ${directory}. NOTHING WAS CHECKED.`);
    });
    return;
  }

  it('is read exactly, but for 3 % of the files', () => {
    const judged = counted(results);
    const different = judged.filter(({ outcome }) => outcome !== 'ok');

    expect(different.length / judged.length, JSON.stringify(different, null, 2)).toBeLessThanOrEqual(0.03);
  });

  it('yields nothing that a file does not say', () => {
    expect(results.filter(({ hasInvention }) => hasInvention)).toEqual([]);
  });

  it('takes no file longer than a few seconds', () => {
    expect(results.filter(({ milliseconds }) => milliseconds > 5000)).toEqual([]);
  });
});
