import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extract } from './extract.js';

const fixture = (name: string) => extract(readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8'))!;
const locked = fixture('conda-linux-64.lock');

describe('formats/conda-explicit/extract', () => {
  it('splits the file name twice from the right', () => {
    expect(locked.packages.map(({ name, version, build, line }) => [name, version, build, line])).toEqual([
      ['_libgcc_mutex', '0.1', 'conda_forge', 4],
      ['python_abi', '3.12', '8_cp312', 5],
      ['ld_impl_linux-64', '2.36.1', 'hea4e1c9_2', 6],
      ['gxx+extra', '1!2.0', 'h0_1', 7],
      ['local-tool', '0.3', '0', 8],
      ['atlas', '1.2', '0', 9],
    ]);
  });

  it('knows an MD5 and a SHA-256, and keeps a package without a hash', () => {
    expect(locked.packages.map(({ hashes }) => hashes)).toEqual([
      ['md5:d7c89558ba9fa0495403155b64376d81'],
      ['sha256:4f8d2f9a7f3b0c6d5e1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70'],
      [],
      [],
      [],
      [],
    ]);
  });

  it('names channel, subdir and file type in the purl', () => {
    expect(locked.packages.map(({ purl }) => purl)).toEqual([
      'pkg:conda/_libgcc_mutex@0.1?build=conda_forge&channel=conda-forge&subdir=linux-64&type=tar.bz2',
      'pkg:conda/python_abi@3.12?build=8_cp312&channel=conda-forge&subdir=noarch&type=conda',
      'pkg:conda/ld_impl_linux-64@2.36.1?build=hea4e1c9_2&channel=lab&subdir=linux-64&type=conda',
      'pkg:conda/gxx%2Bextra@1%212.0?build=h0_1&channel=pkgs%2Fmain&subdir=linux-64&type=conda',
      'pkg:conda/local-tool@0.3?build=0&type=conda',
      'pkg:conda/atlas@1.2?build=0&subdir=noarch&type=tar.bz2',
    ]);
  });

  it('lists channels in order and marks files of one machine', () => {
    expect(locked.sources).toEqual([
      'https://conda.example.org/conda-forge',
      'https://conda.example.org/lab',
      'https://conda.example.org/pkgs/main',
      '/opt/conda/pkgs',
      'file:///srv/channel',
    ]);
    expect(locked.packages.map(({ skipReason }) => skipReason)).toEqual([
      null,
      null,
      null,
      null,
      'local-path',
      'local-path',
    ]);
  });

  it('names the language that is a package of the list', () => {
    const spec = extract('@EXPLICIT\nhttps://conda.example.org/lab/linux-64/python-3.12.0-h1_0_cpython.conda\n');

    expect(spec?.runtimes).toEqual([{ name: 'python', version: '3.12.0', specifier: null, line: 2 }]);
  });

  it('reads many channels and many versions of a language in one pass', () => {
    const lines = Array.from(
      { length: 50_000 },
      (_, i) =>
        `https://conda.example.org/${i}/noarch/python-3.${i}-0.conda\nhttps://conda.example.org/0/noarch/a-1-0.conda`,
    );
    const spec = extract(`@EXPLICIT\n${lines.join('\n')}\n`);

    expect([spec?.packages.length, spec?.sources.length, spec?.runtimes.length]).toEqual([100_000, 50_000, 100]);
  });

  it('reports tokens and passwords by line and repeats none', () => {
    expect(locked.secrets).toEqual([
      { kind: 'token', line: 6 },
      { kind: 'url-credentials', line: 7 },
    ]);
    expect(JSON.stringify(locked)).not.toMatch(/tk-12345|s3cret/);
  });

  it('makes a problem of a line that names no package file', () => {
    expect(locked.problems.map(({ reason, line }) => [reason, line])).toEqual([
      ['unsupported-installer', 10],
      ['syntax-invalid', 11],
      ['syntax-invalid', 12],
      ['syntax-invalid', 13],
    ]);
  });

  it('tells a list of what is installed from a lock file by its header', () => {
    expect(locked.packages[0]?.standing).toBe('locked');
    expect(fixture('explicit.txt').packages[0]?.standing).toBe('observed');
  });

  it.each([
    'https://conda.example.org/lab/linux-64/tool-1.0-0.conda\n',
    '# @EXPLICIT is the mark\nnumpy\n',
    'echo @EXPLICIT\n',
  ])('is not a file without the mark: %j', (content) => {
    expect(extract(content)).toBeNull();
  });
});
