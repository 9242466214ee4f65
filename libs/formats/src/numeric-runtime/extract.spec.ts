import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { numericRuntimeFormat } from './index.js';

const fixture = readFileSync(new URL('./__fixtures__/numeric-runtime.json', import.meta.url), 'utf8');
const read = (content: string) => numericRuntimeFormat.extract(content);
const report = (more: object): string =>
  JSON.stringify({ schema: 'envarium-numeric-runtime/1', numpy: { version: '2.1.0' }, libraries: [], ...more });
const versionOf = (kind: string, config: string) =>
  read(report({ libraries: [{ kind, config }] }))?.numerics?.[0]?.libraries[0]?.version;

describe('formats/numeric-runtime/extract', () => {
  it('reads what numpy has loaded, and makes no package of it', () => {
    const spec = read(fixture);

    expect(spec?.numerics).toEqual([
      {
        program: 'numpy',
        version: '2.1.0',
        libraries: [
          {
            kind: 'openblas',
            file: 'libscipy_openblas64_-1a2b3c4d.so',
            version: '0.3.27',
            coreType: 'SkylakeX',
            threadingLayer: 'pthreads',
            threads: 4,
          },
          {
            kind: 'openmp',
            file: 'libgomp.so.1.0.0',
            version: null,
            coreType: null,
            threadingLayer: null,
            threads: 8,
          },
        ],
        cpuFeatures: ['AVX2', 'FMA3', 'SSE42'],
        cpus: 8,
        line: 3,
      },
    ]);
    expect(spec).toMatchObject({ scope: 'language', packages: [], problems: [] });
    expect(spec?.runtimes).toEqual([{ name: 'python', version: '3.12.4', specifier: null, line: 30 }]);
  });

  it.each([
    ['openblas', 'OpenBLAS 0.3.31.188.0  USE64BITINT DYNAMIC_ARCH Haswell MAX_THREADS=64', '0.3.31.188.0'],
    ['openblas', 'OpenBLAS 0.3.21', '0.3.21'],
    ['openblas', 'USE64BITINT DYNAMIC_ARCH', null],
    ['mkl', 'Intel(R) oneAPI Math Kernel Library Version 2023.1-Product Build 20230303 for Intel(R) 64', '2023.1'],
    ['mkl', 'Intel(R) Math Kernel Library Version 2019.0.4 Product Build 20190411', '2019.0.4'],
    ['blis', '0.9.0', '0.9.0'],
    ['blas', '3.12.0', null],
    ['constructor', '3', null],
  ])('takes of %s %s the version %s', (kind, config, version) => {
    expect(versionOf(kind, config)).toBe(version);
  });

  it('shows no folder of a file', () => {
    const spec = read(report({ libraries: [{ kind: 'mkl', realFile: '/home/jane/lib/libmkl_rt.so.2' }] }));

    expect(spec?.numerics?.[0]?.libraries[0]?.file).toBe('libmkl_rt.so.2');
    expect(JSON.stringify(spec)).not.toContain('jane');
  });

  it('leaves out a fact that is not what it should be, and names an entry that is none', () => {
    const spec = read(
      `{"schema": "envarium-numeric-runtime/1", "numpy": {"version": 2, "cpuFeatures": "all"}, "affinity": -1,\n"libraries": [\n7, {"kind": "blis", "threads": 1e99}]}`,
    );

    expect(spec?.numerics).toMatchObject([
      { version: null, cpuFeatures: [], cpus: null, libraries: [{ kind: 'blis', threads: null }] },
    ]);
    expect(spec?.problems).toEqual([{ reason: 'syntax-invalid', message: 'The entry is no loaded library.', line: 3 }]);
  });

  it('reads a capture of an earlier release, which knew no threading layer', () => {
    const spec = read(report({ libraries: [{ kind: 'openblas', kernel: 'Zen', threads: 2 }] }));

    expect(spec?.numerics?.[0]?.libraries).toMatchObject([{ coreType: 'Zen', threadingLayer: null, threads: 2 }]);
  });

  it.each([
    ['another document', '{"schema": "other/1", "note": "envarium-numeric-runtime/1"}'],
    ['a mention of it', '{"a": ["envarium-numeric-runtime/1"]}'],
    ['prose', 'see "envarium-numeric-runtime/1"'],
    ['nothing', ''],
  ])('leaves %s to other formats', (_, content) => {
    expect(read(content)).toBeNull();
  });

  it('refuses more than is read', () => {
    expect(() => read(`${report({})}${' '.repeat(1024 * 1024)}`)).toThrow(
      expect.objectContaining({ reason: 'limit-exceeded' }),
    );
  });
});
