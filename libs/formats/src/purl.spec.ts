import { describe, expect, it } from 'vitest';
import { formatPurl, type PurlParts } from './purl.js';

describe('formats/purl', () => {
  // Spellings of https://github.com/package-url/purl-spec/tree/main/tests/types
  it.each<[PurlParts, string]>([
    [
      { type: 'deb', namespace: 'debian', name: 'attr', version: '1:2.4.47-2+b1', qualifiers: { arch: 'amd64' } },
      'pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64',
    ],
    [{ type: 'deb', namespace: 'debian', name: 'libstdc++6', version: '12' }, 'pkg:deb/debian/libstdc%2B%2B6@12'],
    [{ type: 'pypi', name: 'Django_package', version: '1.11.1.dev1' }, 'pkg:pypi/django-package@1.11.1.dev1'],
    [{ type: 'pypi', name: 'zope.interface', version: '1.0+cu118' }, 'pkg:pypi/zope-interface@1.0%2Bcu118'],
    [
      { type: 'npm', namespace: '@angular', name: 'animation', version: '12.3.1' },
      'pkg:npm/%40angular/animation@12.3.1',
    ],
    [{ type: 'cran', name: 'A3', version: '0.9.1' }, 'pkg:cran/A3@0.9.1'],
    [
      {
        type: 'oci',
        name: 'debian',
        version: 'sha256:244f',
        qualifiers: { tag: 'latest', arch: 'amd64', repository_url: 'oci.example.org/debian' },
      },
      'pkg:oci/debian@sha256:244f?arch=amd64&repository_url=oci.example.org%2Fdebian&tag=latest',
    ],
    [
      {
        type: 'generic',
        name: 'openssl',
        version: '1.1.10g',
        qualifiers: { checksum: 'sha256:de4d', download_url: 'https://openssl.org/a.tar.gz' },
      },
      'pkg:generic/openssl@1.1.10g?checksum=sha256:de4d&download_url=https:%2F%2Fopenssl.org%2Fa.tar.gz',
    ],
    [
      { type: 'github', namespace: 'Owner', name: 'Repo', version: 'v1', subpath: '/a b/c' },
      'pkg:github/owner/repo@v1#a%20b/c',
    ],
    [
      { type: 'conda', name: 'absl-py', version: '0.4.1', qualifiers: { build: '', channel: 'main' } },
      'pkg:conda/absl-py@0.4.1?channel=main',
    ],
  ])('writes %o', (parts, expected) => {
    expect(formatPurl(parts)).toBe(expected);
  });

  it.each<PurlParts>([
    { type: 'pypi', name: '' },
    { type: '1x', name: 'a' },
    { type: 'cran', name: 'dplyr' },
    { type: 'julia', name: 'Plots', version: '1.0' },
    { type: 'npm', name: 'a', qualifiers: { 'in production': 'true' } },
    { type: 'generic', name: 'a\uD800' },
  ])('answers null for %o', (parts) => {
    expect(formatPurl(parts)).toBeNull();
  });
});
