import { describe, expect, it } from 'vitest';
import { parsePurl } from './parsed-purl.js';
import { formatPurl, type PurlParts } from './purl.js';

/**
 * What https://github.com/package-url/purl-spec/tree/main/tests/types (MIT) asks of the types that are written here: the
 * canonical spelling of parts, and of purls that are spelled otherwise.
 */
const BUILT: readonly (readonly [string, PurlParts])[] = [
  ['pkg:pypi/my-pypi-package@1.11.1.dev1', { type: 'pypi', name: 'My.PyPI_.--._Package', version: '1.11.1.dev1' }],
  ['pkg:pypi/django-allauth@12.23', { type: 'pypi', name: 'django-allauth', version: '12.23' }],
  [
    'pkg:pypi/django@1.11.1?filename=Django-1.11.1-py2.py3-none-any.whl',
    { type: 'pypi', name: 'django', version: '1.11.1', qualifiers: { filename: 'Django-1.11.1-py2.py3-none-any.whl' } },
  ],
  [
    'pkg:conda/absl-py@0.4.1?build=py36h06a4308_0&channel=main&subdir=linux-64&type=tar.bz2',
    {
      type: 'conda',
      name: 'absl-py',
      version: '0.4.1',
      qualifiers: { type: 'tar.bz2', subdir: 'linux-64', build: 'py36h06a4308_0', channel: 'main' },
    },
  ],
  ['pkg:cran/A3@0.9.1', { type: 'cran', name: 'A3', version: '0.9.1' }],
  ['pkg:cran/rJava@1.0-4', { type: 'cran', name: 'rJava', version: '1.0-4' }],
  ['pkg:cran/caret@6.0-88', { type: 'cran', name: 'caret', version: '6.0-88' }],
  [
    'pkg:julia/Dates@1.9.0?uuid=ade2ca70-3891-5945-98fb-dc099432e06a',
    { type: 'julia', name: 'Dates', version: '1.9.0', qualifiers: { uuid: 'ade2ca70-3891-5945-98fb-dc099432e06a' } },
  ],
  [
    'pkg:julia/RegisterQD@0.3.1?repository_url=https:%2F%2Fgithub.com%2FHolyLab%2FHolyLabRegistry&uuid=ac24ea0c-1830-11e9-18d4-81f172323054',
    {
      type: 'julia',
      name: 'RegisterQD',
      version: '0.3.1',
      qualifiers: {
        uuid: 'ac24ea0c-1830-11e9-18d4-81f172323054',
        repository_url: 'https://github.com/HolyLab/HolyLabRegistry',
      },
    },
  ],
  ['pkg:npm/foobar@12.3.1', { type: 'npm', name: 'foobar', version: '12.3.1' }],
  ['pkg:npm/%40angular/animation@12.3.1', { type: 'npm', namespace: '@angular', name: 'animation', version: '12.3.1' }],
  ['pkg:npm/lodash@4.17.21', { type: 'npm', name: 'LoDash', version: '4.17.21' }],
  [
    'pkg:npm/%40babel/core#googleapis/api/annotations',
    { type: 'npm', namespace: '@babel', name: 'core', subpath: '/googleapis/api/annotations/' },
  ],
  [
    'pkg:npm/mypackage@12.4.5?vcs_url=git:%2F%2Fhost.com%2Fpath%2Fto%2Frepo.git%404345abcd34343',
    {
      type: 'npm',
      name: 'mypackage',
      version: '12.4.5',
      qualifiers: { vcs_url: 'git://host.com/path/to/repo.git@4345abcd34343' },
    },
  ],
  ['pkg:cargo/rand@0.7.2', { type: 'cargo', name: 'rand', version: '0.7.2' }],
  ['pkg:cargo/structopt@0.3.11', { type: 'cargo', name: 'structopt', version: '0.3.11' }],
  [
    'pkg:golang/google.golang.org/genproto@abcdedf#googleapis/api/annotations',
    {
      type: 'golang',
      namespace: 'google.golang.org',
      name: 'genproto',
      version: 'abcdedf',
      subpath: 'googleapis/api/annotations',
    },
  ],
  [
    'pkg:golang/github.com/gorilla/context@234fd47e07d1004f0aed9c#api',
    {
      type: 'golang',
      namespace: 'github.com/gorilla',
      name: 'context',
      version: '234fd47e07d1004f0aed9c',
      subpath: 'api',
    },
  ],
  [
    'pkg:golang/github.com/nats-io/nats-server/v2/server@v1.2.9',
    { type: 'golang', namespace: 'github.com/nats-io/nats-server/v2/', name: 'server', version: 'v1.2.9' },
  ],
  [
    'pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie',
    {
      type: 'deb',
      namespace: 'debian',
      name: 'curl',
      version: '7.50.3-1',
      qualifiers: { distro: 'jessie', arch: 'i386' },
    },
  ],
  [
    'pkg:deb/debian/attr@1:2.4.47-2?arch=source',
    { type: 'deb', namespace: 'debian', name: 'attr', version: '1:2.4.47-2', qualifiers: { arch: 'source' } },
  ],
  [
    'pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64',
    { type: 'deb', namespace: 'debian', name: 'attr', version: '1:2.4.47-2+b1', qualifiers: { arch: 'amd64' } },
  ],
  [
    'pkg:rpm/fedora/curl@7.50.3-1.fc25?arch=i386&distro=fedora-25',
    {
      type: 'rpm',
      namespace: 'Fedora',
      name: 'curl',
      version: '7.50.3-1.fc25',
      qualifiers: { arch: 'i386', distro: 'fedora-25' },
    },
  ],
  [
    'pkg:rpm/centerim@4.22.10-1.el6?arch=i686&distro=fedora-25&epoch=1',
    {
      type: 'rpm',
      name: 'centerim',
      version: '4.22.10-1.el6',
      qualifiers: { arch: 'i686', epoch: '1', distro: 'fedora-25' },
    },
  ],
  ['pkg:docker/cassandra@latest', { type: 'docker', name: 'cassandra', version: 'latest' }],
  [
    'pkg:docker/smartentry/debian@dc437cc87d10',
    { type: 'docker', namespace: 'smartentry', name: 'debian', version: 'dc437cc87d10' },
  ],
  [
    'pkg:docker/customer/dockerimage@sha256:244fd47e07d1004f0aed9c?repository_url=gcr.io',
    {
      type: 'docker',
      namespace: 'customer',
      name: 'dockerimage',
      version: 'sha256:244fd47e07d1004f0aed9c',
      qualifiers: { repository_url: 'gcr.io' },
    },
  ],
  [
    'pkg:oci/debian@sha256:244fd47e07d10?arch=amd64&repository_url=docker.io%2Flibrary%2Fdebian&tag=latest',
    {
      type: 'oci',
      name: 'debian',
      version: 'sha256:244fd47e07d10',
      qualifiers: { arch: 'amd64', tag: 'latest', repository_url: 'docker.io/library/debian' },
    },
  ],
  [
    'pkg:oci/hello-wasm@sha256:244fd47e07d10?tag=v1',
    { type: 'oci', name: 'hello-wasm', version: 'sha256:244fd47e07d10', qualifiers: { tag: 'v1' } },
  ],
  [
    'pkg:github/package-url/purl-spec@244fd47e07d1004#everybody/loves/dogs',
    {
      type: 'github',
      namespace: 'Package-url',
      name: 'purl-Spec',
      version: '244fd47e07d1004',
      subpath: 'everybody/loves/dogs',
    },
  ],
  ['pkg:generic/openssl@1.1.10g', { type: 'generic', name: 'openssl', version: '1.1.10g' }],
  [
    'pkg:generic/openssl@1.1.10g?checksum=sha256:de4d501267da&download_url=https:%2F%2Fopenssl.org%2Fsource%2Fopenssl-1.1.0g.tar.gz',
    {
      type: 'generic',
      name: 'openssl',
      version: '1.1.10g',
      qualifiers: {
        download_url: 'https://openssl.org/source/openssl-1.1.0g.tar.gz',
        checksum: 'sha256:de4d501267da',
      },
    },
  ],
  [
    'pkg:generic/bitwarderl?vcs_url=git%2Bhttps:%2F%2Fgit.fsfe.org%2Fdxtr%2Fbitwarderl%40cc55108da32',
    {
      type: 'generic',
      name: 'bitwarderl',
      qualifiers: { vcs_url: 'git+https://git.fsfe.org/dxtr/bitwarderl@cc55108da32' },
    },
  ],
  [
    'pkg:generic/openssl@1.1.10g?checksum=sha1:ad9503c3e994a4f%2Csha256:41bf9088b3a1e6c1ef1d',
    {
      type: 'generic',
      name: 'openssl',
      version: '1.1.10g',
      qualifiers: { checksum: 'sha1:ad9503c3e994a4f,sha256:41bf9088b3a1e6c1ef1d' },
    },
  ],
];

const RESPELLED: readonly (readonly [string, string])[] = [
  ['pkg:PYPI/Django_package@1.11.1.dev1', 'pkg:pypi/django-package@1.11.1.dev1'],
  ['pkg:NPM/core#/googleapis/api/annotations/', 'pkg:npm/core#googleapis/api/annotations'],
  ['pkg:npm/%40MyScope/MyPackage@1.0.0', 'pkg:npm/%40myscope/mypackage@1.0.0'],
  ['pkg:npm/foo@1.0.0#src/%F0%9F%98%83/file.js', 'pkg:npm/foo@1.0.0#src/%F0%9F%98%83/file.js'],
  [
    'pkg:GOLANG/google.golang.org/genproto#/googleapis/api/annotations/',
    'pkg:golang/google.golang.org/genproto#googleapis/api/annotations',
  ],
  ['pkg:golang/GitHub.com/Gorilla/context@234fd47e07d1', 'pkg:golang/github.com/gorilla/context@234fd47e07d1'],
  [
    'pkg:Rpm/fedora/curl@7.50.3-1.fc25?Arch=i386&Distro=fedora-25',
    'pkg:rpm/fedora/curl@7.50.3-1.fc25?arch=i386&distro=fedora-25',
  ],
  [
    'pkg:docker/customer/dockerimage@sha256%3A244fd47e07d1004f0aed9c?repository_url=gcr.io',
    'pkg:docker/customer/dockerimage@sha256:244fd47e07d1004f0aed9c?repository_url=gcr.io',
  ],
  [
    'pkg:oci/static@sha256%3A244fd47e07d10?repository_url=gcr.io/distroless/static&tag=latest',
    'pkg:oci/static@sha256:244fd47e07d10?repository_url=gcr.io%2Fdistroless%2Fstatic&tag=latest',
  ],
  ['pkg:github/Package-url/purl-Spec@244fd47e07d1', 'pkg:github/package-url/purl-spec@244fd47e07d1'],
  [
    'pkg:julia/RegisterQD@0.3.1?repository_url=https://github.com/HolyLab/HolyLabRegistry&uuid=ac24ea0c-1830-11e9-18d4-81f172323054',
    'pkg:julia/RegisterQD@0.3.1?repository_url=https:%2F%2Fgithub.com%2FHolyLab%2FHolyLabRegistry&uuid=ac24ea0c-1830-11e9-18d4-81f172323054',
  ],
];

const REFUSED: readonly string[] = [
  'EnterpriseLibrary.Common@6.0.1304',
  'pkg:EnterpriseLibrary.Common@6.0.1304',
  'pkg:n&g?inx/nginx@0.8.9',
  'pkg:3nginx/nginx@0.8.9',
  'pkg:nginx:a/nginx@0.8.9',
  'pkg%3Amaven/org.apache.commons/io',
  'pkg:npm/myartifact@1.0.0?in%20production=true',
  'pkg:npm/',
  'pkg:cran/@0.9.1',
  'pkg:cran/A3',
  'pkg:cran/ml/caret@6.0-88',
  'pkg:conda/anaconda/absl-py@0.4.1',
  'pkg:julia/@1.9.0',
  'pkg:julia',
  'pkg:julia/Dates',
  'pkg:golang/context@234fd47e07d1004f0aed9c',
  'pkg:deb/curl@7.50.3-1?arch=amd64',
  'pkg:github/purl-spec@244fd47e07d1004',
];

describe('formats/purl-vectors', () => {
  it.each(BUILT)('builds %s', (canonical, parts) => {
    expect(formatPurl(parts)).toBe(canonical);
  });

  it.each(BUILT.map(([canonical]) => canonical))('reads and writes %s unchanged', (canonical) => {
    expect(parsePurl(canonical)?.text).toBe(canonical);
  });

  it.each(RESPELLED)('spells %s as %s', (written, canonical) => {
    expect(parsePurl(written)?.text).toBe(canonical);
  });

  it.each(REFUSED)('refuses %s', (written) => {
    expect(parsePurl(written)).toBeNull();
  });
});
