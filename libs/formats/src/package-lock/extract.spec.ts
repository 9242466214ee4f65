import { readFileSync } from 'node:fs';
import type { EnvironmentSpec } from '@envarium/schema';
import { describe, expect, it } from 'vitest';
import { packageLockFormat } from './index.js';

const fixture = (name: string): string => readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8');
const read = (content: string, path = 'package-lock.json') => packageLockFormat.extract(content, path);
const lock = (packages: string): string => `{"lockfileVersion":3,"packages":{"":{},${packages}}}`;
const rows = (spec: EnvironmentSpec | null) =>
  spec?.packages.map((each) => [each.name, each.version, each.purl, each.skipReason, each.line]);

const COMMIT = '3b1bb80b302c2e552685dc8a029797ec832ea7c9';

describe('formats/package-lock/extract', () => {
  it('reads every installed place of lockfileVersion 3', () => {
    expect(rows(read(fixture('package-lock.json')))).toEqual([
      ['@types/node', '20.8.0', 'pkg:npm/%40types/node@20.8.0', null, 14],
      ['d3-array', '3.2.4', 'pkg:npm/d3-array@3.2.4', null, 20],
      ['fsevents', '2.3.3', 'pkg:npm/fsevents@2.3.3', null, 25],
      ['plotter', '0.3.0', `pkg:github/lab/plotter@${COMMIT}`, null, 32],
      ['private-plots', '0.1.0', null, 'vcs-source', 36],
      ['stats', '1.1.0', null, 'url-source', 40],
      ['tools-cli', null, null, 'local-path', 44],
      ['vega', '5.25.0', 'pkg:npm/vega@5.25.0', null, 48],
      ['d3-array', '2.12.1', 'pkg:npm/d3-array@2.12.1', null, 53],
      ['tools/cli', '0.0.1', null, 'local-path', 57],
    ]);
  });

  it('reads the nested shape, with aliases, git, file and a range, of a shrinkwrap without lockfileVersion', () => {
    const commit = 'd5ac0584ee9ae7bd9288220a39780f155b9ad4c8';

    expect(rows(read(fixture('npm-shrinkwrap.json'), 'app/npm-shrinkwrap.json'))).toEqual([
      ['d3', '3.5.17', 'pkg:npm/d3@3.5.17', null, 5],
      ['@lab/real', '1.2.0', 'pkg:npm/%40lab/real@1.2.0', null, 10],
      ['plotter', `github:lab/plotter#${commit}`, `pkg:github/lab/plotter@${commit}`, null, 14],
      ['d3', '2.10.3', 'pkg:npm/d3@2.10.3', null, 17],
      ['local', 'file:../local', null, 'local-path', 24],
      ['floating', null, 'pkg:npm/floating', 'version-range', 27],
    ]);
  });

  it('reads `packages` of lockfileVersion 2 and leaves the nested copy', () => {
    const spec = read(
      '{"lockfileVersion":2,"packages":{"":{},"node_modules/a":{"version":"1.0.0"}},"dependencies":{"a":{"version":"9.9.9"}}}',
    );

    expect(spec?.packages.map(({ version }) => version)).toEqual(['1.0.0']);
  });

  it('says that the hidden lock file of node_modules was observed, not wished for', () => {
    const hidden = read(fixture('.package-lock.json'), 'node_modules/.package-lock.json');

    expect(hidden?.packages.map(({ name, standing }) => [name, standing])).toEqual([['d3-array', 'observed']]);
    expect(read(fixture('package-lock.json'))?.packages[0]?.standing).toBe('locked');
  });

  it('decodes integrity to algorithm and hex', () => {
    const hashes = read(fixture('package-lock.json'))?.packages[1]?.hashes;

    expect(hashes).toEqual([
      'sha1:b5243d8f3ec1aa35f1364605bc0d1036e30ab69f',
      'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    ]);
  });

  it('reports an integrity that is no digest', () => {
    const spec = read(lock('\n"node_modules/a":{"version":"1.0.0","integrity":"sha512-c2hvcnQ="}'));

    expect(spec?.packages[0]?.hashes).toEqual([]);
    expect(spec?.problems.map(({ reason, line }) => [reason, line])).toEqual([['syntax-invalid', 2]]);
  });

  it('keeps group, platform condition, registries and the wanted node', () => {
    const spec = read(fixture('package-lock.json'));

    expect(spec?.packages.map(({ group }) => group).filter((group) => group !== null)).toEqual(['dev', 'optional']);
    expect(spec?.packages[2]?.marker).toBe('os=darwin cpu=x64,arm64');
    expect(spec?.sources).toEqual(['https://npm-registry.example.org/']);
    expect(spec?.runtimes).toEqual([{ name: 'node', version: null, specifier: '>=18', line: 7 }]);
  });

  it('reports credentials by line and repeats them nowhere, not even in a git version', () => {
    const spec = read(fixture('package-lock.json'));
    const nested = read(
      `{"lockfileVersion":1,"dependencies":{"a":{"version":"git+https://tok3n@github.com/o/a.git#${COMMIT}"}}}`,
    );

    expect(spec?.secrets).toEqual([{ kind: 'url-credentials', line: 36 }]);
    expect(nested?.packages[0]?.version).toBe(`git+https://github.com/o/a.git#${COMMIT}`);
    expect(JSON.stringify([spec, nested])).not.toContain('tok3n');
  });

  it.each([
    ['1.0', '1.0', null],
    ['v2.0.0beta1', 'v2.0.0beta1', null],
    ['1.2.3-rc.1+build.5', '1.2.3-rc.1+build.5', null],
    ['1.x', null, 'version-range'],
    ['>=1 <2', null, 'version-range'],
    ['latest', null, 'version-invalid'],
    ['', null, 'version-range'],
    [1.1, null, 'version-invalid'],
    [undefined, null, 'no-version'],
  ])('takes %j for a version only when it is exact', (written, version, reason) => {
    const [entry] = read(lock(`"node_modules/a":${JSON.stringify({ version: written })}`))?.packages ?? [];

    expect([entry?.version, entry?.skipReason]).toEqual([version, reason]);
  });

  it.each([
    ['git+ssh://git@github.com/o/r.git', `pkg:github/o/r@${COMMIT}`],
    ['git+ssh://git@github.com:o/r.git', `pkg:github/o/r@${COMMIT}`],
    ['git://github.com/o/r.git', `pkg:github/o/r@${COMMIT}`],
    ['https://github.com/o/r.git', `pkg:github/o/r@${COMMIT}`],
    ['bitbucket:o/r', `pkg:bitbucket/o/r@${COMMIT}`],
    ['gitlab:o/r', null],
    ['git+ssh://git@github.example.org/o/r.git', null],
  ])('names the commit of %s', (url, purl) => {
    const [entry] = read(lock(`"node_modules/a":{"version":"1.0.0","resolved":"${url}#${COMMIT}"}`))?.packages ?? [];

    expect([entry?.purl, entry?.skipReason]).toEqual([purl, purl === null ? 'vcs-source' : null]);
  });

  it.each([
    ['https://npm-registry.example.org/a/-/a-1.0.0.tgz', 'pkg:npm/a@1.0.0', null],
    ['https://npm.example.org/download/a/1.0.0/0d5f1f2f', 'pkg:npm/a@1.0.0', null],
    ['https://git.example.org/o/a/archive/v1.tgz', null, 'url-source'],
    [`git+ssh://git@git.example.org/a/a.git#${COMMIT}`, null, 'vcs-source'],
    ['file:vendor/a-1.0.0.tgz', null, 'local-path'],
  ])('tells what %s is', (resolved, purl, reason) => {
    const [entry] = read(lock(`"node_modules/a":{"version":"1.0.0","resolved":"${resolved}"}`))?.packages ?? [];

    expect([entry?.version, entry?.purl, entry?.skipReason]).toEqual(['1.0.0', purl, reason]);
  });

  it('names nothing by a branch', () => {
    const [entry] = read(lock('"node_modules/a":{"resolved":"git://github.com/o/r.git#main"}'))?.packages ?? [];

    expect([entry?.purl, entry?.skipReason]).toEqual([null, 'vcs-source']);
  });

  it('keeps a member called __proto__ and reports what is no object', () => {
    const spec = read(lock('"__proto__":{"version":"1.0.0"},"node_modules/a":[]'));

    expect(spec?.packages.map(({ name, skipReason }) => [name, skipReason])).toEqual([['__proto__', 'local-path']]);
    expect(spec?.problems.map(({ message }) => message)).toEqual(['node_modules/a is no JSON object.']);
  });

  it('reports repeated members and an unknown lockfileVersion', () => {
    const spec = read(
      '{"lockfileVersion":4,\n"packages":{"node_modules/a":{},\n"node_modules/a":{"version":"1.0.0"}}}',
    );

    expect(spec?.packages.map(({ version }) => version)).toEqual(['1.0.0']);
    expect(spec?.problems.map(({ reason, line }) => [reason, line])).toEqual([
      ['duplicate-entry', 3],
      ['unsupported-option', 1],
    ]);
  });

  it('refuses truncated, deeply nested and endless files', () => {
    const deep = `{"lockfileVersion":1,"requires":true,"dependencies":${'{"a":{"dependencies":'.repeat(50_000)}`;
    const many = Array.from({ length: 200_001 }, (_, index) => `"p${index}":1`).join(',');

    expect(() => read(fixture('package-lock.json').slice(0, 400))).toThrow(
      expect.objectContaining({ reason: 'syntax-invalid', line: 16 }),
    );
    expect(() => read(deep)).toThrow(expect.objectContaining({ reason: 'limit-exceeded', line: 1 }));
    expect(() => read(lock(many))).toThrow(expect.objectContaining({ reason: 'limit-exceeded' }));
  });

  it.each([
    ['package.json', '{"name":"a","dependencies":{"b":"^1.0.0"}}'],
    ['a bun.lock', '{"lockfileVersion": 1, "workspaces": {"": {"name": "a",},}, "packages": {"b": ["b@1.0.0"],}}'],
    ['a list', '["lockfileVersion"]'],
    ['an empty file', ''],
  ])('leaves %s to other formats', (_, content) => {
    expect(read(content, 'some.file')).toBeNull();
  });
});
