import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeText } from '../text.js';
import { extract } from './extract.js';

const fixture = (name: string): string =>
  decodeText(readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url))).text;
const read = (content: string, path = 'requirements.txt') => extract(content, path)!;
const requirements = read(fixture('requirements.txt'));
const only = (line: string) => {
  const { packages, problems } = read(line);
  return packages.length === 1 ? packages[0]! : { packages, problems };
};

describe('formats/pip-requirements/extract', () => {
  it('names packages with version, specifier, standing and line', () => {
    const rows = requirements.packages.map((each) => [
      each.name,
      each.version,
      each.specifier,
      each.standing,
      each.skipReason,
      each.line,
    ]);

    expect(rows).toEqual([
      ['numpy', '1.26.4', '==1.26.4', 'locked', null, 8],
      ['Zope.Interface', '6.1', '[test,docs]== 6.1', 'locked', null, 9],
      ['scipy', null, '>=1.11,    <1.13', 'declared', 'version-range', 10],
      ['pandas', null, '== 2.1.*', 'declared', 'version-range', 12],
      ['tqdm', null, null, 'declared', 'no-version', 13],
      ['urllib3', '1.26.20', '===1.26.20', 'locked', null, 14],
      ['Jinja2', '3.0.0#comment', '==3.0.0#comment', 'locked', 'version-invalid', 15],
      ['torch', null, '==${TORCH_VERSION}', 'declared', 'dynamic-value', 16],
      ['torch', '2.1.0+cu118', '==2.1.0+cu118', 'locked', null, 17],
      ['mne', null, null, 'locked', 'url-source', 19],
      ['eeg_tools', null, null, 'locked', 'vcs-source', 20],
      ['stats', null, null, 'declared', 'vcs-source', 21],
      ['wx-Phoenix', '3.0.3.dev1820+49a8884', null, 'locked', 'url-source', 22],
      ['local-tool', '0.3', null, 'locked', 'local-path', 23],
    ]);
  });

  it('writes purls of names that compare, with the link where there is one', () => {
    expect(requirements.packages.map(({ purl }) => purl)).toEqual([
      'pkg:pypi/numpy@1.26.4',
      'pkg:pypi/zope-interface@6.1',
      'pkg:pypi/scipy',
      'pkg:pypi/pandas',
      'pkg:pypi/tqdm',
      'pkg:pypi/urllib3@1.26.20',
      null,
      'pkg:pypi/torch',
      'pkg:pypi/torch@2.1.0%2Bcu118',
      'pkg:pypi/mne?download_url=https:%2F%2Ffiles.example.org%2Fmne-1.6.0-py3-none-any.whl',
      'pkg:pypi/eeg-tools?vcs_url=git%2Bhttps:%2F%2Fgit.example.org%2Flab%2Feeg.git%400123456789abcdef0123456789abcdef01234567#py',
      'pkg:pypi/stats?vcs_url=git%2Bhttps:%2F%2Fgit.example.org%2Flab%2Fstats.git%40v1',
      'pkg:pypi/wx-phoenix@3.0.3.dev1820%2B49a8884?download_url=https:%2F%2Ffiles.example.org%2Fwx_Phoenix-3.0.3.dev1820%2B49a8884-cp34-none-win_amd64.whl',
      null,
    ]);
  });

  it('keeps markers and hashes', () => {
    const byLine = new Map(requirements.packages.map((each) => [each.line, each]));

    expect(byLine.get(9)?.marker).toBe('python_version < "3.12"');
    expect(byLine.get(17)?.hashes).toEqual(['sha256:aa11', 'sha256:bb22']);
    expect(byLine.get(19)?.marker).toBe("sys_platform == 'linux'");
    expect(byLine.get(19)?.hashes).toEqual(['sha256:cc33']);
  });

  it('lists indexes and files that it names, and expands no variable', () => {
    expect(requirements.sources).toEqual([
      'https://pypi.lab.example.org/simple',
      'https://${PIP_USER}:${PIP_TOKEN}@wheels.example.org/cu118',
      './wheels',
    ]);
    expect(requirements.references).toEqual(['base.txt', 'constraints.txt']);
  });

  it('reports secrets by line and repeats none', () => {
    expect(requirements.secrets).toEqual([
      { kind: 'url-credentials', line: 2 },
      { kind: 'url-credentials', line: 21 },
    ]);
    expect(JSON.stringify(requirements)).not.toMatch(/s3cret|token@/);
  });

  it('makes a problem of a line that names no package or is not understood', () => {
    expect(requirements.problems.map(({ reason, line }) => [reason, line])).toEqual([
      ['unsupported-option', 4],
      ['vcs-source', 24],
      ['local-path', 25],
      ['syntax-invalid', 26],
      ['unsupported-option', 27],
      ['syntax-invalid', 28],
    ]);
  });

  it('reads the output of pip-compile', () => {
    const compiled = read(fixture('requirements-compiled.txt'));

    expect(compiled.runtimes).toEqual([{ name: 'python', version: null, specifier: '3.11', line: 2 }]);
    expect(compiled.packages.map(({ name, version, line, hashes }) => [name, version, line, hashes.length])).toEqual([
      ['attrs', '23.1.0', 7, 2],
      ['idna', '3.4', 13, 0],
    ]);
  });

  it('takes for observed what a freeze says that it has seen', () => {
    const frozen = read(fixture('requirements-frozen.txt'));

    expect(
      frozen.packages.map(({ name, version, standing, skipReason }) => [name, version, standing, skipReason]),
    ).toEqual([
      ['certifi', null, 'observed', 'local-path'],
      ['numpy', '1.26.4', 'observed', null],
      ['six', '1.16.0', 'observed', null],
    ]);
    expect(frozen.packages[0]?.purl).toBeNull();
    expect(frozen.problems.slice(1)).toEqual([
      {
        reason: 'local-path',
        message: 'Not rebuildable: lines that name a file: path of some machine, which nobody else has (1).',
        line: 3,
      },
    ]);
  });

  it('does not end a continuation at a comment behind a requirement', () => {
    expect(read('baz == 7.8.9 # \\\nbaz == 1.2.3\nfoo==\\\n\\\n1.0\n').packages.map(({ version }) => version)).toEqual([
      '7.8.9',
      '1.0',
    ]);
  });

  it('keeps two entries of one name', () => {
    expect(
      read('a==1; python_version < "3"\na==2; python_version >= "3"').packages.map(({ version }) => version),
    ).toEqual(['1', '2']);
  });

  it.each([
    ['a==1.0,!=1.1', null],
    ['a==1.*', null],
    ['a~=1.4.2', null],
    ['a (==1.0)', '1.0'],
    ['a==1!2.0.post1', '1!2.0.post1'],
    ['a==v1.0', 'v1.0'],
    ['a==1;', '1'],
  ])('reads the version of %s as %s', (line, version) => {
    expect(only(line)).toMatchObject({ name: 'a', version });
  });

  it.each([
    'a=1.0',
    'a=>1.0',
    'a~=1',
    'a==1,',
    'a==',
    'a==1; python_version',
    'a==1; nonsense == "x"',
    'a[b',
    'a==1 b==2',
    'a @ not-a-url',
    '-a==1',
    'a==1 --unknown',
    'a==1 --hash=md5:00',
    '-r',
    '--pre=1',
    "-e 'open",
    '-e https://files.example.org/a.zip',
  ])('takes no package from %s', (line) => {
    const spec = read(`ok==1\n${line}\n`);

    expect(spec.packages.map(({ name }) => name)).toEqual(['ok']);
    expect(spec.problems.map((problem) => problem.line)).toEqual([2]);
  });

  it('does not read a line beyond the limit', () => {
    expect(read(`ok==1\na==${'1'.repeat(70_000)}\n`).problems).toEqual([
      { reason: 'limit-exceeded', message: 'A line is read up to 65536 characters.', line: 2 },
    ]);
  });

  it('needs no telling name for convincing lines', () => {
    expect(extract('numpy==1.26.4\nsix\n', 'pins')?.packages.map(({ name }) => name)).toEqual(['numpy', 'six']);
  });

  it.each([
    ['a list of words', 'curl\ngit\n', 'apt.txt'],
    ['a runtime', 'python-3.10\n', 'runtime.txt'],
    ['prose', 'This file lists\nwhat we need.\nnumpy==1.0\n', 'notes.txt'],
    ['prose under a telling name', 'This file lists\nwhat we need:\nsome packages\n', 'requirements.txt'],
    ['conda list --export', '_libgcc_mutex=0.1=main\nnumpy=1.26.4=py310_0\n', 'requirements.txt'],
    ['another format that a name belongs to', 'numpy==1.26.4\n', 'requirements.yml'],
    ['an empty file', '', 'empty'],
  ])('is not %s', (_, content, path) => {
    expect(extract(content, path)).toBeNull();
  });

  it('divides lines as pip does and counts them as an editor does', () => {
    const spec = read('a==1\fb==2\r\nc==3\u2028d==4\n', 'requirements.txt');

    expect(spec?.packages.map(({ name, line }) => [name, line])).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 2],
      ['d', 2],
    ]);
  });
});
