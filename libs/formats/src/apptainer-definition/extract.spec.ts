import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { apptainerDefinitionFormat } from './index.js';

const fixture = (name: string): string => readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8');
const read = (content: string, path = 'file.txt') => apptainerDefinitionFormat.extract(content, path);
const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('formats/apptainer-definition/extract', () => {
  it('lists the base image of each stage, with arguments put in and continued lines joined', () => {
    expect(read(fixture('lab.def'))?.baseImages).toEqual([
      { reference: 'golang:1.21.5-bookworm', digest: null, platform: null, stage: 'build', line: 4 },
      {
        reference: `registry.example.org/lab/base:2024.02@${DIGEST}`,
        digest: DIGEST,
        platform: null,
        stage: '1',
        line: 18,
      },
    ]);
  });

  it('never makes packages out of scripts', () => {
    expect(read(fixture('lab.def'))?.packages).toEqual([]);
  });

  it('gives the variables of the last stage that are certain', () => {
    const spec = read(fixture('lab.def'));

    expect(spec?.variables).toEqual([
      { name: 'LC_ALL', value: 'C' },
      { name: 'OMP_NUM_THREADS', value: '4' },
      { name: 'PATH', value: '/opt/bin:$PATH' },
    ]);
    expect(spec?.problems).toEqual([
      {
        reason: 'dynamic-value',
        message: 'A line of %environment is decided only when the container runs or is built.',
        line: 36,
      },
    ]);
  });

  it('reports secrets by line and never repeats them', () => {
    const spec = read(fixture('lab.def'));

    expect(spec?.secrets).toEqual([
      { kind: 'password-variable', line: 37 },
      { kind: 'url-credentials', line: 40 },
    ]);
    expect(JSON.stringify(spec)).not.toMatch(/hunter22|s3cret/);
  });

  it('names the package files that it copies', () => {
    expect(read(fixture('lab.def'))?.references).toEqual(['requirements.txt', 'environment.yml']);
  });

  it('keeps a system made from a mirror apart from images of registries', () => {
    const spec = read(fixture('Singularity'));

    expect(spec?.baseImages).toEqual([
      { reference: 'debootstrap://bookworm', digest: null, platform: null, stage: '0', line: 1 },
    ]);
    expect(spec?.sources).toEqual(['https://deb.example.org/bookworm/']);
    expect(
      spec?.packages.map(({ ecosystem, name, version, skipReason }) => [ecosystem, name, version, skipReason]),
    ).toEqual([
      ['deb', 'gcc', null, 'no-version'],
      ['deb', 'make', null, 'no-version'],
    ]);
  });

  it.each([
    ['library', 'lab/base:1.0', 'library://lab/base:1.0', null],
    [
      'library',
      `lab/base:sha256.${'ab'.repeat(32)}`,
      `library://lab/base:sha256.${'ab'.repeat(32)}`,
      `sha256:${'ab'.repeat(32)}`,
    ],
    ['shub', 'lab/base', 'shub://lab/base', null],
    ['oras', 'oras://registry.example.org/lab:1', 'oras://registry.example.org/lab:1', null],
    ['docker-daemon', 'lab:1', 'docker-daemon://lab:1', null],
  ])('writes the base of %s %s as an address', (agent, from, reference, digest) => {
    expect(read(`Bootstrap: ${agent}\nFrom: ${from}\n`)?.baseImages[0]).toMatchObject({ reference, digest });
  });

  it('takes a local image for a file that the definition needs', () => {
    const spec = read('bootstrap: localimage\nfrom: ./base.sif\n%post\n');

    expect(spec?.baseImages).toEqual([]);
    expect(spec?.references).toEqual(['./base.sif']);
  });

  it('keeps an argument without default as it is written, also that of another stage', () => {
    const spec = read('Bootstrap: docker\nFrom: a:{{ V }}\n%arguments\nV=1\nBootstrap: docker\nFrom: b:{{ V }}\n');

    expect(spec?.baseImages.map(({ reference }) => reference)).toEqual(['a:1', 'b:{{ V }}']);
    expect(spec?.problems).toEqual([
      {
        reason: 'dynamic-value',
        message: 'The base image depends on V, given when the image is built.',
        line: 6,
      },
    ]);
  });

  it.each([
    ['an image reference that is none', 'Bootstrap: docker\nFrom: Not::One\n', 2],
    ['no image', 'Bootstrap: docker\n%post\n', 1],
    ['an unknown section', 'Bootstrap: scratch\n%nothing\n', 2],
  ])('reports %s and reads on', (_, content, line) => {
    expect(read(content)?.problems.map((problem) => [problem.reason, problem.line])).toEqual([
      ['syntax-invalid', line],
    ]);
  });

  it.each([
    ['an unknown key', 'Bootstrap: docker\nFrom: a\nSetup: x\n', 3],
    ['a line without colon', 'Bootstrap: docker\nFrom ubuntu\n', 2],
    [
      'no agent in a second header',
      'From: a\n%post\ntrue\nBootstrap: docker\nFrom: b\nBootstrap: docker\nFrom: c\n',
      1,
    ],
  ])('refuses %s with its line', (_, content, line) => {
    expect(() => read(content)).toThrow(expect.objectContaining({ reason: 'syntax-invalid', line }));
  });

  it('takes keys above the first Bootstrap, and values that end with a comment', () => {
    expect(read('# lab\nFrom: debian:12 # stable\nBootstrap: docker\n')?.baseImages[0]).toMatchObject({
      reference: 'debian:12',
      line: 2,
    });
  });

  it('bounds size, lines and stages', () => {
    const limit = expect.objectContaining({ reason: 'limit-exceeded' });

    expect(() => read(`Bootstrap: docker\nFrom: a\n%post\n${'true\n'.repeat(300_000)}`)).toThrow(limit);
    expect(() => read(`Bootstrap: docker\nFrom: ${'a'.repeat(70_000)}\n`)).toThrow(
      expect.objectContaining({ reason: 'limit-exceeded', line: 2 }),
    );
    expect(() => read('Bootstrap: docker\nFrom: a\n'.repeat(1001))).toThrow(limit);
  });

  it('ends when arguments are built of one another', () => {
    const spec = read(`Bootstrap: docker\nFrom: {{ A }}\n%arguments\nA=${'{{ A }}'.repeat(2000)}\n`);

    expect(spec?.baseImages[0]?.reference).toBe('{{ A }}');
  });

  it.each([
    ['a Dockerfile', 'FROM debian:12\nRUN true\n'],
    ['YAML', 'bootstrap: true\nfrom: here\n'],
    ['a spec file', 'Name: lab\n%post\ntrue\n'],
    ['a notebook magic', '%matplotlib inline\n%test\n'],
    ['nothing', ''],
  ])('leaves %s to other formats', (_, content) => {
    expect(read(content)).toBeNull();
  });
});
