import { describe, expect, it } from 'vitest';
import { numericPins } from './numeric-pins.js';

describe('comparison/outputs/numeric-pins', () => {
  it('pins what is known to decide numbers where nothing was recorded', () => {
    expect(numericPins({ PATH: '/usr/bin' })).toEqual({
      OPENBLAS_NUM_THREADS: '1',
      OMP_NUM_THREADS: '1',
      MKL_NUM_THREADS: '1',
      PYTHONHASHSEED: '0',
      TZ: 'UTC',
      LC_ALL: 'C.UTF-8',
    });
  });

  it('keeps what was recorded', () => {
    expect(numericPins({ OPENBLAS_CORETYPE: 'Haswell', PYTHONHASHSEED: '42', TZ: 'Europe/Berlin' })).toMatchObject({
      OPENBLAS_CORETYPE: 'Haswell',
      PYTHONHASHSEED: '42',
      TZ: 'Europe/Berlin',
    });
  });

  it('does not put a default in front of what used to be taken', () => {
    expect(numericPins({ OMP_NUM_THREADS: '8' })).toMatchObject({ OPENBLAS_NUM_THREADS: '8', MKL_NUM_THREADS: '8' });
    expect(numericPins({ LANG: 'de_DE.UTF-8' })).not.toHaveProperty('LC_ALL');
  });
});
