import { digestOf } from '@envarium/oci';
import type { Exchange } from '@envarium/schema';
import { describe, expect, it } from 'vitest';
import { encodePackages, packagesOf } from './packages.js';
import { remainingLockEntries } from './remaining.js';

const bodies = new Map<string, Buffer>();
const fetched = (url: string, body: string, contentType = 'application/octet-stream'): Exchange => {
  const bytes = Buffer.from(body);
  const digest = digestOf(bytes);
  bodies.set(digest, bytes);
  return {
    method: 'GET',
    url,
    request: {},
    requestDigest: null,
    status: 200,
    headers: { 'content-type': contentType },
    digest,
    size: bytes.length,
  };
};
const readBody = async function* (digest: string): AsyncGenerator<Uint8Array> {
  yield bodies.get(digest) ?? Buffer.alloc(0);
};
const file = (path: string, text: string) => ({ path, bytes: Buffer.from(text) });

const WHEEL = 'https://files.example.org/packages/six-1.16.0-py2.py3-none-any.whl';
// sha256 and sha512 of "hello".
const HELLO = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
const HELLO_SRI = 'sha512-m3HSJL1i83hdltRq0+o9czGb+8KJDKra4t/3JRlnPKcjI8PZm6XBHXx6zG4UuMXaDEZjR1wuXDre9G9zvN7AQw==';
const OTHER = 'f'.repeat(64);
const packageLock = (integrity: string): string =>
  JSON.stringify({
    name: 'x',
    lockfileVersion: 3,
    packages: {
      '': { name: 'x' },
      'node_modules/left-pad': {
        version: '1.3.0',
        resolved: 'https://npm.example.org/left-pad/-/left-pad-1.3.0.tgz',
        integrity,
      },
      'node_modules/other-platform': {
        version: '2.0.0',
        resolved: 'https://npm.example.org/other-platform/-/other-platform-2.0.0.tgz',
        integrity: HELLO_SRI,
        optional: true,
      },
    },
  });

describe('closure/packages', () => {
  it.each([
    ['requirements.txt', `six==1.16.0 --hash=sha256:${OTHER} --hash=sha256:${HELLO}\n`, WHEEL],
    ['package-lock.json', packageLock(HELLO_SRI), 'https://npm.example.org/left-pad/-/left-pad-1.3.0.tgz'],
    [
      'app/Cargo.lock',
      `version = 3\n\n[[package]]\nname = "serde"\nversion = "1.0.200"\nchecksum = "${HELLO}"\n`,
      'https://static.example.org/crates/serde/serde-1.0.200.crate',
    ],
  ])('finds a package locked by %s', async (path, text, url) => {
    const { packages, problems } = await packagesOf([fetched(url, 'hello')], readBody, [file(path, text)]);

    expect(problems).toEqual([]);
    expect(packages).toMatchObject([{ url, digest: `sha256:${HELLO}`, integrity: 'locked' }]);
  });

  it.each([
    ['requirements.txt', `six==1.16.0 --hash=sha256:${OTHER}\n`, WHEEL, `sha256:${OTHER}`, 1],
    [
      'app/Cargo.lock',
      `version = 3\n\n[[package]]\nname = "serde"\nversion = "1.0.200"\nchecksum = "${OTHER}"\n`,
      'https://static.example.org/crates/serde/serde-1.0.200.crate',
      `sha256:${OTHER}`,
      3,
    ],
  ])('reports a package that is not what %s says', async (path, text, url, expected, line) => {
    const { packages, problems } = await packagesOf([fetched(url, 'hello')], readBody, [file(path, text)]);

    expect(packages).toMatchObject([{ integrity: 'none' }]);
    expect(problems).toMatchObject([{ url, saidBy: 'lock', file: path, line, expected: [expected] }]);
  });

  it.each([
    ['text/html', `<a href="../packages/six-1.16.0-py2.py3-none-any.whl#sha256=${HELLO}">six</a>`],
    [
      'application/vnd.pypi.simple.v1+json',
      JSON.stringify({ files: [{ url: '../packages/six-1.16.0-py2.py3-none-any.whl', hashes: { sha256: HELLO } }] }),
    ],
  ])('believes a recorded index of type %s', async (type, page) => {
    const index = fetched('https://files.example.org/six/', page, type);
    const lying = fetched('https://files.example.org/six/', page.replace(HELLO, OTHER), type);

    const right = await packagesOf([index, fetched(WHEEL, 'hello')], readBody);
    const wrong = await packagesOf([lying, fetched(WHEEL, 'hello')], readBody);

    expect(right).toMatchObject({ packages: [{ purl: 'pkg:pypi/six@1.16.0', integrity: 'index' }], problems: [] });
    expect(wrong).toMatchObject({ packages: [{ integrity: 'none' }], problems: [{ saidBy: 'index' }] });
  });

  it('believes a packument, and an index of Debian', async () => {
    const tarball = 'https://npm.example.org/left-pad/-/left-pad-1.3.0.tgz';
    const packument = JSON.stringify({ versions: { '1.3.0': { dist: { tarball, integrity: HELLO_SRI } } } });
    const debian = `Package: hello\nVersion: 1:2.10-3\nFilename: pool/main/h/hello/hello_2.10-3_amd64.deb\nSHA256: ${HELLO}\n\n`;

    const { packages } = await packagesOf(
      [
        fetched('https://npm.example.org/left-pad', packument, 'application/json'),
        fetched(tarball, 'hello'),
        fetched('http://deb.example.org/debian/dists/bookworm/main/binary-amd64/Packages', debian),
        fetched('http://deb.example.org/debian/pool/main/h/hello/hello_2.10-3_amd64.deb', 'hello'),
      ],
      readBody,
    );

    expect(packages.map(({ purl, integrity }) => [purl, integrity])).toEqual([
      ['pkg:deb/debian/hello@1:2.10-3?arch=amd64', 'index'],
      ['pkg:npm/left-pad@1.3.0', 'index'],
    ]);
  });

  it('believes the index of crates, wherever the crate lies', async () => {
    const index = `{"name":"serde","vers":"1.0.200","cksum":"${HELLO}"}\n`;

    const { packages } = await packagesOf(
      [
        fetched('https://crates.example.org/se/rd/serde', index),
        fetched('https://mirror.example.org/crates/serde/1.0.200/download', 'hello'),
      ],
      readBody,
    );

    expect(packages).toMatchObject([{ purl: 'pkg:cargo/serde@1.0.200', integrity: 'index' }]);
  });

  it('is not disturbed by an index that cannot be read', async () => {
    const index = fetched('https://files.example.org/six/', '{"files":', 'application/json');

    expect(await packagesOf([index, fetched(WHEEL, 'hello')], readBody)).toMatchObject({
      packages: [{ integrity: 'none' }],
      problems: [],
    });
  });

  it('writes one package a line', async () => {
    const { packages } = await packagesOf([fetched(WHEEL, 'hello')], readBody);

    expect(encodePackages(packages).toString()).toBe(
      `{"purl":"pkg:pypi/six@1.16.0","url":"${WHEEL}","digest":"sha256:${HELLO}","size":5,"integrity":"none"}\n`,
    );
  });
});

describe('closure/remaining', () => {
  it('lists what a lock file names and nobody fetched, with the address that it or an index says', async () => {
    const page = `<a href="/packages/six-1.16.0-py2.py3-none-any.whl#sha256=${HELLO}">six</a>`;
    const exchanges = [
      fetched('https://npm.example.org/left-pad/-/left-pad-1.3.0.tgz', 'hello'),
      fetched('https://files.example.org/six/', page, 'text/html'),
    ];

    const remaining = await remainingLockEntries(
      [
        file('package-lock.json', packageLock(HELLO_SRI)),
        file('requirements.txt', `six==1.16.0 --hash=sha256:${HELLO}\n`),
      ],
      exchanges,
      readBody,
    );

    expect(remaining.map(({ url }) => url)).toEqual([
      'https://npm.example.org/other-platform/-/other-platform-2.0.0.tgz',
      WHEEL,
    ]);
  });
});
