import { describe, expect, it } from 'vitest';
import { extract } from './extract.js';

const read = (text: string, path = 'runtime.txt') => extract(text, path);

describe('formats/runtime-txt/extract', () => {
  it.each([
    ['python-3.10', 'python', null, '3.10'],
    ['python-3.10.4', 'python', '3.10.4', null],
    ['r-4.3', 'r', null, '4.3'],
    ['r-4.3-2024-01-10', 'r', null, '4.3-2024-01-10'],
    ['r-4.5.1-2025-05-13', 'r', '4.5.1', '4.5.1-2025-05-13'],
    ['r-2022-06-23', 'r', null, '2022-06-23'],
    ['  python-2.7 \n\n', 'python', null, '2.7'],
  ])('reads %j', (text, name, version, specifier) => {
    expect(read(text)).toMatchObject({ runtimes: [{ name, version, specifier, line: 1 }], problems: [], packages: [] });
  });

  it('says that a day is impossible, and keeps the rest', () => {
    expect(read('r-3.6-2018-11-31\n')).toMatchObject({
      runtimes: [{ name: 'r', version: null, specifier: '3.6-2018-11-31' }],
      problems: [{ reason: 'syntax-invalid', message: '2018-11-31 is no day.', line: 1 }],
    });
  });

  it('says that a second line does not count', () => {
    expect(read('r-4.3-2024-01-10\nr-4.3\n')).toMatchObject({
      runtimes: [{ specifier: '4.3-2024-01-10' }],
      problems: [{ line: 2 }],
    });
  });

  it('takes an image for the base', () => {
    expect(read('oci-image:hub.example.org/lab/base:1.2\n')?.baseImages).toEqual([
      { reference: 'hub.example.org/lab/base:1.2', digest: null, platform: null, stage: null, line: 1 },
    ]);
  });

  it('says that it does not know a runtime', () => {
    expect(read('julia-1.9\n')).toMatchObject({ runtimes: [{ name: 'julia' }], problems: [{ line: 1 }] });
  });

  it.each(['python', 'python-', 'python-3.x', 'Python 3.10', 'r-4.3-', 'r-4.3-2024-1-1', 'oci-image:UPPER'])(
    'refuses %j with its line',
    (text) => {
      expect(() => read(`\n${text}\n`)).toThrow(expect.objectContaining({ reason: 'syntax-invalid', line: 2 }));
    },
  );

  it('needs no telling name for one known runtime', () => {
    expect(read('r-4.3-2024-01-10\n', 'notes')?.runtimes).toMatchObject([{ name: 'r' }]);
  });

  it.each([
    ['a list of packages', 'scikit-learn\nnumpy\n', 'requirements.txt'],
    ['a word with a number', 'utf-8\n', 'notes.txt'],
    ['an empty file', '', 'runtime.txt'],
    ['a long text', 'a\n'.repeat(10), 'runtime.txt'],
  ])('is not %s', (_, text, path) => {
    expect(read(text, path)).toBeNull();
  });
});
