import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dockerfileFormat } from './index.js';

const fixture = (name: string): string => readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8');
const read = (content: string, path = 'Dockerfile') => dockerfileFormat.extract(content, path);
const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('formats/dockerfile/extract', () => {
  it('lists base images with digest, platform and stage; earlier stages and scratch are none', () => {
    expect(read(fixture('Dockerfile'))?.baseImages).toEqual([
      { reference: 'node:20.9.0-bookworm', digest: null, platform: null, stage: 'web', line: 7 },
      { reference: 'python:3.11-slim', digest: null, platform: null, stage: 'Base', line: 11 },
      {
        reference: `ghcr.example.org/lab/base:1.2@${DIGEST}`,
        digest: DIGEST,
        platform: 'linux/amd64',
        stage: '2',
        line: 18,
      },
      { reference: 'nvidia/cuda:${CUDA}-runtime', digest: null, platform: null, stage: 'gpu', line: 22 },
    ]);
  });

  it('never makes packages out of RUN lines or heredocs', () => {
    expect(read(fixture('Dockerfile'))?.packages).toEqual([]);
  });

  it('gives the variables of the last stage and those it inherits', () => {
    expect(read(fixture('Dockerfile'))?.variables).toEqual([
      { name: 'PYTHON_VERSION', value: '3.11' },
      { name: 'OMP_NUM_THREADS', value: '4' },
      { name: 'PATH', value: '/opt/bin:$PATH' },
      { name: 'LEGACY', value: 'form with blanks' },
      { name: 'DB_URL', value: 'postgres://lab:$DB_PASSWORD@db.example.org/lab' },
      { name: 'PROXY', value: 'https://proxy.example.org:3128' },
    ]);
  });

  it('reports secrets by line and never repeats them', () => {
    const spec = read(fixture('Dockerfile'));

    expect(spec?.secrets).toEqual([
      { kind: 'token', line: 28 },
      { kind: 'password-variable', line: 29 },
      { kind: 'url-credentials', line: 31 },
      { kind: 'url-credentials', line: 35 },
    ]);
    expect(JSON.stringify(spec)).not.toMatch(/hunter22|s3cret|ghp_/);
  });

  it('names the package files it copies or mounts, and the images and addresses it draws from', () => {
    const spec = read(fixture('Dockerfile'));

    expect(spec?.references).toEqual(['package*.json', 'requirements.txt', 'conda-lock.yml', 'pyproject.toml']);
    expect(spec?.sources).toEqual([
      'docker/dockerfile:1.7',
      'images.example.org/lab/uv:0.4',
      'https://files.example.org/data.tar.gz',
    ]);
  });

  it('says what is decided only when the image is built, and what is no instruction', () => {
    expect(read(fixture('Dockerfile'))?.problems).toEqual([
      { reason: 'dynamic-value', message: 'The platform $BUILDPLATFORM is chosen when the image is built.', line: 7 },
      { reason: 'dynamic-value', message: 'The base image depends on CUDA, given when the image is built.', line: 22 },
      { reason: 'syntax-invalid', message: 'The line starts with no known instruction.', line: 25 },
    ]);
  });

  it('expands the sources of ADD, and keeps blanks of the JSON form', () => {
    const spec = read(
      'FROM debian\nARG V=1\nADD https://files.example.org/a-$V.tgz /\nADD ["https://files.example.org/b c", \\\n "/"]\n',
    );

    expect(spec?.sources).toEqual(['https://files.example.org/a-1.tgz', 'https://files.example.org/b c']);
  });

  it('leaves a default undecided where the base image may set the variable', () => {
    const spec = read('FROM debian\nARG OWN\nENV A=/x${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} B=${OWN:-own} C=${A:-no}\n');

    expect(spec?.variables).toEqual([
      { name: 'A', value: '/x${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}' },
      { name: 'B', value: 'own' },
      { name: 'C', value: '${A:-no}' },
    ]);
  });

  it('knows that the builder always sets the platform', () => {
    expect(
      read('FROM --platform=${TARGETPLATFORM:-linux/arm64} debian\nRUN true\n')?.baseImages[0]?.platform,
    ).toBeNull();
    expect(read('FROM --platform= debian\nRUN true\n')?.baseImages[0]?.platform).toBeNull();
  });

  it('obeys the escape directive', () => {
    expect(read(fixture('Dockerfile.windows'))?.variables).toEqual([
      { name: 'TOOLS', value: 'C:\\tools' },
      { name: 'TEMP', value: 'C:\\temp' },
    ]);
  });

  it('keeps ARGs from before FROM out of a stage that does not declare them', () => {
    const spec = read('ARG V=1\nFROM debian:$V\nENV OUT=$V\nARG V\nENV IN=$V\nARG V=2\nENV OWN=$V\n');

    expect(spec?.variables).toEqual([
      { name: 'OUT', value: '$V' },
      { name: 'IN', value: '1' },
      { name: 'OWN', value: '2' },
    ]);
  });

  it('expands all values of one ENV with what was in force before it', () => {
    expect(read('FROM debian\nENV A=old\nENV A=new B=$A\n')?.variables).toEqual([
      { name: 'A', value: 'new' },
      { name: 'B', value: 'old' },
    ]);
  });

  it('compares stage names without case and only with earlier stages', () => {
    const spec = read('FROM later\nFROM debian AS Later\nFROM LATER\nFROM 0\n');

    expect(spec?.baseImages.map(({ reference, stage }) => [reference, stage])).toEqual([
      ['later', '0'],
      ['debian', 'Later'],
      ['0', '3'],
    ]);
  });

  it.each([
    ['ENV API_KEY=abcd1234efgh', 1],
    ['ENV GITHUB_TOKEN abcd1234efgh', 1],
    ['ARG DB_PASSWORD=hunter22', 1],
    ['ENV K="-----BEGIN OPENSSH PRIVATE KEY-----"', 1],
    ['ARG DB_PASSWORD', 0],
    ['ENV DB_PASSWORD=$GIVEN', 0],
    ['ENV DISABLE_AUTH=true', 0],
    ['ENV GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D', 0],
    ['ENV SSH_KEY_PATH=/run/secrets/key', 0],
    ['RUN curl https://lab:hunter22@files.example.org/a', 1],
    ['RUN export API_KEY=abcd1234efgh && make', 1],
    ['LABEL note=ghp_0123456789abcdefghijklmnopqrstuvwxyzAB', 1],
    ['# API_KEY=abcd1234efgh', 1],
    ['RUN curl -H "$TOKEN" https://files.example.org/a', 0],
    ['ENV TOKENIZERS_PARALLELISM=false', 0],
  ])('sees in %s secrets: %i', (line, count) => {
    expect(read(`FROM debian\n${line}\n`)?.secrets).toHaveLength(count);
  });

  it.each([
    ['an image that is none', 'FROM Not_An_Image:: AS x', 'Not_An_Image::'],
    ['a template', 'FROM {{base}}', '{{base}}'],
  ])('keeps %s as written, with a problem', (_, line, reference) => {
    const spec = read(`FROM debian\n${line}\n`);

    expect(spec?.baseImages[1]).toMatchObject({ reference, digest: null, line: 2 });
    expect(spec?.problems.map((problem) => [problem.reason, problem.line])).toEqual([['syntax-invalid', 2]]);
  });

  it.each(['FROM', 'FROM a b', 'FROM a AS', 'ENV', 'ARG'])('reports %s and reads on', (line) => {
    const spec = read(`FROM debian\n${line}\nENV A=1\n`);

    expect(spec?.problems.map((problem) => [problem.reason, problem.line])).toEqual([['syntax-invalid', 2]]);
  });

  it('reads a file that breaks off within an instruction or a heredoc', () => {
    expect(read('FROM debian:12\nENV A=1 \\')?.variables).toEqual([{ name: 'A', value: '1' }]);
    expect(read('FROM debian:12\nRUN <<EOF\nFROM x')?.baseImages).toHaveLength(1);
  });

  it.each([
    ['Python', 'from os import path\nimport sys\n', 'setup.py'],
    ['SQL', 'SELECT *\nFROM runs\nWHERE id = 1\n', 'q.sql'],
    ['an Apptainer definition', 'Bootstrap: docker\nFrom: debian:12\n', 'lab.def'],
    ['a lone line', 'FROM here\n', 'note.txt'],
    ['prose', 'From here\non it is easy\nto see\n', 'note.txt'],
    ['an empty file', '', 'Dockerfile'],
  ])('leaves %s to other formats', (_, content, path) => {
    expect(read(content, path)).toBeNull();
  });

  it('knows a Dockerfile by its content under any name', () => {
    expect(read('FROM debian:12\nRUN apt-get update\n', 'build.txt')?.baseImages).toHaveLength(1);
  });

  it('bounds size, lines and stages', () => {
    const limit = expect.objectContaining({ reason: 'limit-exceeded' });

    expect(() => read(`FROM debian\n${'RUN true\n'.repeat(100_000)}`)).toThrow(limit);
    expect(() => read(`FROM debian\nENV A=${'x'.repeat(70_000)}\n`)).toThrow(
      expect.objectContaining({ reason: 'limit-exceeded', line: 2 }),
    );
    expect(() => read('FROM debian\n# comment\n'.repeat(1001))).toThrow(limit);
  });

  it('ends when variables are built of one another', () => {
    const lines = Array.from({ length: 200 }, (_, index) => `ENV A${index + 1}=$A${index}$A${index}`);
    const spec = read(`FROM debian\nENV A0=ha\n${lines.join('\n')}\n`);

    expect(spec?.variables).toHaveLength(201);
    expect(spec?.variables.every(({ value }) => value.length <= 4096)).toBe(true);
  });

  it('takes a variable called __proto__ as any other', () => {
    expect(read('FROM debian\nENV __proto__=1\n')?.variables).toEqual([{ name: '__proto__', value: '1' }]);
  });
});
