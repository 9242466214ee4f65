import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { flakeLockFormat } from './index.js';

const fixture = readFileSync(new URL('./__fixtures__/flake.lock', import.meta.url), 'utf8');
const read = (content: string) => flakeLockFormat.extract(content);

describe('formats/flake-lock/extract', () => {
  it('names every node but the root, with its commit and origin', () => {
    const packages = read(fixture)?.packages.map((each) => [
      each.name,
      each.version,
      each.specifier,
      each.source,
      each.purl,
      each.skipReason,
      each.line,
    ]);

    const commit = 'c00d587b1a1afbf200b1d8f0b0e4ba9deb1c7f0e';
    const lab = '1ebbe68d57457c8cae98145410b164b5477761f4';
    const docs = 'https://files.example.org/docs.tar.gz';
    expect(packages).toEqual([
      ['docs', null, docs, docs, null, 'url-source', 3],
      [
        'lab',
        lab,
        'git+https://git.example.org/lab.git#main',
        `git+https://git.example.org/lab.git#${lab}`,
        null,
        null,
        12,
      ],
      ['local', null, null, 'path:./local', null, 'local-path', 23],
      [
        'nixpkgs',
        commit,
        'flake:nixpkgs',
        `github:NixOS/nixpkgs/${commit}`,
        `pkg:github/nixos/nixpkgs@${commit}#lib`,
        null,
        24,
      ],
    ]);
  });

  it('marks the hash of a tree as one', () => {
    expect(read(fixture)?.packages.map(({ hashes }) => hashes)).toEqual([
      ['nar-sha256:f1eb9a3e7afe2fa621e2be6ab6f96fa663ced3c20f743606d9aa33e939c64504'],
      ['nar-sha256:43438416a7b7e5f65b6d13cf45dae34d450284a5618565f3dd3f5948a99aa156'],
      [],
      ['nar-sha256:154669cfdae0de02fc3553ca6ea53c7a2d5590f2ec4c87c02767dd01fe6a8da9'],
    ]);
  });

  it('reports credentials and inputs that lead nowhere', () => {
    const spec = read(fixture);

    expect(spec?.secrets).toEqual([{ kind: 'url-credentials', line: 3 }]);
    expect(JSON.stringify(spec)).not.toContain('s3cret');
    expect(spec?.problems).toEqual([
      { reason: 'references-file', message: 'The input lost of lab leads to no node.', line: 12 },
    ]);
  });

  it('follows circles to no end', () => {
    const spec = read('{"nodes":{"root":{"inputs":{"a":["b"],"b":["a"]}}},"root":"root","version":7}');

    expect(spec?.problems.map(({ message }) => message)).toEqual([
      'The input a of root leads to no node.',
      'The input b of root leads to no node.',
    ]);
  });

  it('reads a later version with a remark', () => {
    const spec = read('{"nodes":{"root":{"inputs":{}}},"root":"root",\n"version":8}');

    expect(spec?.problems.map(({ reason, line }) => [reason, line])).toEqual([['unsupported-option', 2]]);
  });

  it.each([
    ['another graph', '{"nodes":{"a":{"x":1}},"root":"a","version":1}'],
    ['a graph without its root', '{"nodes":{"a":{"inputs":{}}},"root":"b","version":7}'],
    ['a graph of a list', '{"nodes":[],"root":"a","version":7}'],
    ['an empty file', ''],
  ])('leaves %s to other formats', (_, content) => {
    expect(read(content)).toBeNull();
  });
});
