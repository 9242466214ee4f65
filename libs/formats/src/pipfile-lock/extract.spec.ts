import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extract } from './extract.js';

const lock = extract(readFileSync(new URL('./__fixtures__/Pipfile.lock', import.meta.url), 'utf8'), 'Pipfile.lock')!;

describe('formats/pipfile-lock/extract', () => {
  it('names the packages of every section', () => {
    expect(
      lock.packages.map((each) => [each.group, each.name, each.version, each.specifier, each.line, each.skipReason]),
    ).toEqual([
      ['default', 'numpy', '1.26.4', '==1.26.4', 12, null],
      ['default', 'Zope.Interface', '6.1', '[test]==6.1', 19, null],
      ['default', 'eeg-tools', null, null, 23, 'vcs-source'],
      ['default', 'atlas', null, null, 29, 'url-source'],
      ['default', 'e1839a8', null, null, 30, 'local-path'],
      ['develop', 'scipy', null, '>=1.11', 33, 'version-range'],
      ['develop', 'tqdm', null, null, 34, 'no-version'],
      ['develop', 'pins', '1.0', '==1.0', 35, null],
      ['docs', 'numpy', '1.26.4', '==1.26.4', 38, null],
    ]);
  });

  it('names what can be had from elsewhere by purl', () => {
    expect(lock.packages.slice(0, 5).map(({ purl }) => purl)).toEqual([
      'pkg:pypi/numpy@1.26.4',
      'pkg:pypi/zope-interface@6.1',
      'pkg:pypi/eeg-tools?vcs_url=git%2Bhttps:%2F%2Fgit.example.org%2Flab%2Feeg.git%400123456789abcdef0123456789abcdef01234567#py',
      'pkg:pypi/atlas?download_url=https:%2F%2Ffiles.example.org%2Fatlas-1.0.zip',
      null,
    ]);
  });

  it('keeps hashes, index and all conditions', () => {
    expect(lock.packages[0]).toMatchObject({
      hashes: ['sha256:aa00', 'sha256:bb11'],
      source: 'https://index.example.org/simple',
      marker: "(python_version >= '3.9') and (os_name == 'posix')",
      standing: 'locked',
    });
  });

  it('tells the Python and the indexes, and repeats no secret', () => {
    expect(lock.runtimes).toEqual([{ name: 'python', version: null, specifier: '3.11', line: 5 }]);
    expect(lock.sources).toEqual([
      'https://index.example.org/simple',
      'https://${USER}:${TOKEN}@wheels.example.org/simple',
    ]);
    expect(lock.secrets).toEqual([{ kind: 'url-credentials', line: 6 }]);
    expect(JSON.stringify(lock)).not.toContain('s3cret');
  });

  it('takes a full version of Python for one', () => {
    const text = '{"_meta":{"pipfile-spec":6,"requires":{"python_version":"3.8","python_full_version":"3.8.10"}}}';

    expect(extract(text, 'Pipfile.lock')?.runtimes).toMatchObject([{ version: '3.8.10', specifier: null }]);
  });

  it('says what is no section, no entry and no known specification', () => {
    const spec = extract('{"_meta":{"pipfile-spec":7},\n"default":[],\n"develop":{"a":1}}', 'x.json');

    expect(spec?.problems.map(({ reason, line }) => [reason, line])).toEqual([
      ['unsupported-option', 1],
      ['syntax-invalid', 2],
      ['syntax-invalid', 3],
    ]);
    expect(spec?.packages).toEqual([]);
  });

  it.each([
    ['other JSON with a member _meta', '{"_meta":{"x":1},"default":{"a":{"version":"==1"}}}'],
    ['broken JSON with a member _meta', '{"_meta":{'],
  ])('is not %s', (_, text) => {
    expect(extract(text, 'x.json')).toBeNull();
  });
});
