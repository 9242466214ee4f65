import { describe, expect, it } from 'vitest';
import { comparablePurl, purlOfUrl } from './package-url.js';

describe('closure/package-url', () => {
  it.each([
    [
      'http://deb.example.org/debian/pool/main/h/hello/hello_2.10-3_amd64.deb',
      'pkg:deb/debian/hello@2.10-3?arch=amd64',
    ],
    ['http://archive.example.org/ubuntu/pool/main/g/g%2b%2b/g++_4.1_all.deb', 'pkg:deb/ubuntu/g%2B%2B@4.1?arch=all'],
    [
      'https://files.example.org/packages/ab/cd/scikit_learn-1.5.2-cp311-cp311-manylinux_2_17_x86_64.whl',
      'pkg:pypi/scikit-learn@1.5.2',
    ],
    ['https://files.example.org/packages/ab/cd/six-1.16.0.tar.gz', 'pkg:pypi/six@1.16.0'],
    ['https://wheels.example.org/torch-2.4.0%2Bcpu-cp311-cp311-linux_x86_64.whl', 'pkg:pypi/torch@2.4.0%2Bcpu'],
    ['https://npm.example.org/left-pad/-/left-pad-1.3.0.tgz', 'pkg:npm/left-pad@1.3.0'],
    ['https://npm.example.org/@babel/core/-/core-7.0.0-beta.1.tgz', 'pkg:npm/%40babel/core@7.0.0-beta.1'],
    ['https://npm.example.org/@babel%2fcore/-/core-7.0.0.tgz', 'pkg:npm/%40babel/core@7.0.0'],
    [
      'https://go.example.org/github.com/!burnt!sushi/toml/@v/v1.4.0.zip',
      'pkg:golang/github.com/burntsushi/toml@v1.4.0',
    ],
    ['https://static.example.org/crates/serde/serde-1.0.200.crate', 'pkg:cargo/serde@1.0.200'],
    ['https://crates.example.org/api/v1/crates/serde/1.0.200/download', 'pkg:cargo/serde@1.0.200'],
    ['https://cran.example.org/src/contrib/Archive/data.table/data.table_1.14.8.tar.gz', 'pkg:cran/data.table@1.14.8'],
    [
      'https://conda.example.org/conda-forge/linux-64/numpy-1.26.4-py311h64a7726_0.conda',
      'pkg:conda/numpy@1.26.4?build=py311h64a7726_0&channel=conda-forge&subdir=linux-64&type=conda',
    ],
    [
      'https://repo.example.org/maven2/org/apache/commons/commons-lang3/3.14.0/commons-lang3-3.14.0.jar',
      'pkg:maven/org.apache.commons/commons-lang3@3.14.0',
    ],
  ])('%s is %s', (url, purl) => {
    expect(purlOfUrl(url)).toBe(purl);
  });

  it.each([
    'https://pypi.example.org/simple/six/',
    'https://example.org/data-1.0.tar.gz',
    'http://deb.example.org/debian/dists/bookworm/InRelease',
    'https://go.example.org/example.org/x/@v/v1.0.0.mod',
    'https://files.example.org/packages/six-1.16.0-py3-none-any.whl.metadata',
    'https://npm.example.org/left-pad',
    'nonsense',
  ])('%s is no package', (url) => {
    expect(purlOfUrl(url)).toBeNull();
  });

  it('compares builds of conda, and no other qualifiers', () => {
    expect(comparablePurl('pkg:deb/debian/hello@2.10-3?arch=amd64')).toBe('pkg:deb/debian/hello@2.10-3');
    expect(comparablePurl('pkg:conda/numpy@1.26.4?build=py311_0&channel=conda-forge&subdir=linux-64')).toBe(
      'pkg:conda/numpy@1.26.4?build=py311_0',
    );
  });
});
