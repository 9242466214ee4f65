import { describe, expect, it } from 'vitest';
import { storableJson } from './storable-json.js';

describe('provenance/storable-json', () => {
  it('replaces what cannot be stored, wherever it stands', () => {
    const hostile = { paths: ['a\0b', { '\0': 'half \ud800 pair' }], count: 3, none: null };

    expect(storableJson(hostile)).toEqual({
      paths: ['a\uFFFDb', { '\uFFFD': 'half \uFFFD pair' }],
      count: 3,
      none: null,
    });
  });

  it('leaves everything else as it is', () => {
    const plain = { title: 'Ünïcode 🧪', list: [true, 1.5, ''] };

    expect(storableJson(plain)).toEqual(plain);
  });
});
