import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ArchiveError } from '@envarium/errors';
import { describe, expect, it } from 'vitest';
import { readDockerfile } from './reading.js';

const DIGEST = `sha256:${'ab'.repeat(32)}`;

function failure(text: string): unknown {
  try {
    readDockerfile(text);
  } catch (error) {
    return error instanceof ArchiveError ? { code: error.code, line: error.detail['line'] } : error;
  }
  return null;
}

describe('recipes/dockerfile/reading', () => {
  it.each([
    ['FROM debian:12', ['debian:12']],
    ['ARG TAG=12\nFROM debian:$TAG', ['debian:12']],
    ['ARG TAG\nARG TAG=12\nFROM debian:${TAG:-11}', ['debian:12']],
    ['ARG TAG\nFROM debian:${TAG:-11}', ['debian:11']],
    ['ARG A=debian\nARG B=${A}:12\nFROM "$B"', ['debian:12']],
    ['FROM debian AS one\nFROM one AS two\nFROM two', ['debian']],
    ['FROM scratch\nCOPY --from=images.example.org/tools:1 /a /b', ['images.example.org/tools:1']],
    ['FROM debian AS Build\nFROM scratch\nCOPY --from=build /a /b\nCOPY --from=0 /a /b', ['debian']],
    ['FROM debian\nRUN --mount=type=bind,from=tools:2,target=/t make', ['debian', 'tools:2']],
    ['FROM --platform=$TARGETPLATFORM debian', ['debian']],
    ['FROM \\\n# between\n\n  deb\\\nian:12', ['debian:12']],
    ['# escape=`\nFROM `\n  debian:12', ['debian:12']],
    ['\uFEFFfrom debian:12\r\nrun true\r\n', ['debian:12']],
    [
      'FROM debian\nRUN <<EOF\nFROM not-an-image\nEOF\nCOPY <<-"A" <<B /x\n\tone\n\tA\ntwo\nB\nRUN echo $((1<<4))',
      ['debian'],
    ],
    [`FROM debian@${DIGEST}`, [`debian@${DIGEST}`]],
    ['FROM debian\nONBUILD COPY --from=other:1 /a /b', ['debian']],
  ])('finds the images of %j', (text, references) => {
    expect(readDockerfile(text).bases.map(({ reference }) => reference)).toEqual(references);
  });

  it.each([
    ['', 'RECIPE_INVALID', null],
    ['# only a comment', 'RECIPE_INVALID', null],
    ['RUN true', 'RECIPE_INVALID', 1],
    ['FROM', 'RECIPE_INVALID', 1],
    ['FROM debian x', 'RECIPE_INVALID', 1],
    ['FROM debian AS 1st', 'RECIPE_INVALID', 1],
    ['FROM Debian', 'RECIPE_INVALID', 1],
    ['FROM debian:$TAG', 'RECIPE_INVALID', 1],
    ['ARG TAG\nFROM debian:$TAG', 'RECIPE_INVALID', 2],
    ['FROM --network=host debian', 'RECIPE_INVALID', 1],
    ['FROM debian\nNONSENSE is here', 'RECIPE_INVALID', 2],
    ['FROM debian\n{ "json": true }', 'RECIPE_INVALID', 2],
    ['FROM debian\nRUN', 'RECIPE_INVALID', 2],
    ['FROM debian\nRUN <<EOF\nnever ends', 'RECIPE_INVALID', 2],
    ['FROM debian\nCOPY alone', 'RECIPE_INVALID', 2],
    ['FROM debian\nCOPY --from=$STAGE /a /b', 'RECIPE_INVALID', 2],
    ['FROM debian\nENV alone', 'RECIPE_INVALID', 2],
    ['FROM debian\nENV A=1 B', 'RECIPE_INVALID', 2],
    ['FROM debian\nARG 1x=2', 'RECIPE_INVALID', 2],
    ['FROM debian\nONBUILD FROM debian', 'RECIPE_INVALID', 2],
    ['FROM debian\nRUN --mount=type=magic true', 'RECIPE_INVALID', 2],
    ['FROM debian\nRUN --fast true', 'RECIPE_INVALID', 2],
    ['# escape=x\nFROM debian', 'RECIPE_INVALID', 1],
    ['# escape=\\\n# escape=`\nFROM debian', 'RECIPE_INVALID', 2],
    ['FROM debian\0', 'RECIPE_INVALID', null],
    [`FROM debian\n${'RUN true\n'.repeat(5000)}`, 'RECIPE_INVALID', 5001],
    [`FROM debian\n# ${'x'.repeat(1024 * 1024)}`, 'RECIPE_INVALID', null],
    ['# syntax=docker/dockerfile:1\nFROM debian', 'RECIPE_REFUSED', 1],
    ['#!/usr/bin/env docker\n#Syntax = example.org/frontend\nFROM debian', 'RECIPE_REFUSED', 2],
    ['FROM debian\nADD https://git.example.org/lab/tool.git#main /src', 'RECIPE_REFUSED', 2],
    ['FROM debian\nADD git@git.example.org:lab/tool.git /src', 'RECIPE_REFUSED', 2],
    ['FROM debian\nARG REPO=https://git.example.org/lab/tool.git\nADD ["$REPO", "/src"]', 'RECIPE_REFUSED', 3],
    ['FROM debian\nADD --keep-git-dir=true x /src', 'RECIPE_REFUSED', 2],
    ['FROM debian\nRUN --mount=type=secret,id=token make', 'RECIPE_REFUSED', 2],
    ['FROM debian\nRUN --mount=type=ssh make', 'RECIPE_REFUSED', 2],
    ['FROM debian\nRUN --network=host make', 'RECIPE_REFUSED', 2],
    ['FROM debian\nRUN --security=insecure make', 'RECIPE_REFUSED', 2],
    ['FROM debian\nENV A=1 \\\n  DB_PASSWORD=hunter22', 'RECIPE_REFUSED', 3],
    ['FROM debian\nENV API_TOKEN hunter22 and more', 'RECIPE_REFUSED', 2],
    ['ARG API_KEY=abcdefgh12345678\nFROM debian', 'RECIPE_REFUSED', 1],
    ['FROM debian\nENV PROXY=https://lab:s3cret@proxy.example.org', 'RECIPE_REFUSED', 2],
    ['FROM debian\nRUN <<EOF\ncurl https://lab:s3cret@files.example.org/x\nEOF', 'RECIPE_REFUSED', 2],
    ['FROM debian\n# ghp_0123456789abcdefghijklmnopqrstuvwxyzAB\nRUN true', 'RECIPE_REFUSED', 2],
  ])('refuses %j', (text, code, line) => {
    expect(failure(text)).toEqual({ code, line });
  });

  it('never repeats a secret', () => {
    const text = 'FROM debian\nENV DB_PASSWORD=hunter22';

    expect(() => readDockerfile(text)).toThrow(ArchiveError);
    try {
      readDockerfile(text);
    } catch (error) {
      expect(JSON.stringify((error as ArchiveError).detail)).not.toContain('hunter22');
    }
  });

  it('lets through what only looks dangerous', () => {
    const text = [
      'FROM debian',
      'ADD https://files.example.org/data.tar.gz /data/',
      'ARG API_TOKEN',
      'ENV TOKEN_URL=https://id.example.org/token PUBLIC_KEY=abcdefgh12345678 AUTH=${API_TOKEN}',
      'RUN --mount=type=tmpfs,target=/x --mount=type=cache,target=/c git clone https://git.example.org/tool',
    ].join('\n');

    expect(readDockerfile(text).warnings.map(({ code, line }) => [code, line])).toEqual([
      ['mutable-base', 1],
      ['argument-without-value', 3],
      ['cache-mount', 5],
      ['git-source', 5],
    ]);
  });

  it('says which platform a stage asks for', () => {
    const reading = readDockerfile('FROM --platform=linux/arm64 debian\nFROM --platform=$BUILDPLATFORM debian', {
      platform: 'linux/amd64',
    });

    expect(reading.bases.map(({ platform }) => platform)).toEqual(['linux/arm64', 'linux/amd64']);
    expect(reading.warnings.map(({ code }) => code)).toEqual(['foreign-platform', 'mutable-base', 'mutable-base']);
  });

  it('answers every truncation of a Dockerfile with a reading or a reason', () => {
    const file = path.join(import.meta.dirname, '../../../formats/src/dockerfile/__fixtures__/Dockerfile');
    const text = readFileSync(file, 'utf8').replace(/^# syntax.*\n/, '');

    for (let size = 0; size < text.length; size += 1) {
      const error = failure(text.slice(0, size));
      expect(error === null || !(error instanceof Error)).toBe(true);
    }
  });

  it('reads the worst lines without delay', () => {
    const reading = readDockerfile(
      `FROM debian\nENV ${'A=1 '.repeat(100_000)}\nRUN ${'<<'.repeat(100_000)} ${'"'.repeat(99_999)}`,
    );

    expect(reading.bases).toHaveLength(1);
  });

  it.each([
    `FROM debian\nRUN ${'a'.repeat(1_000_000)}`,
    `# a=b${' '.repeat(1_000_000)}c\nFROM debian`,
    `FROM debian\nARG A=${'x'.repeat(500)}\nENV B=${'$A'.repeat(400_000)} C=$B$B D=$C$C`,
    `FROM debian\nRUN ${'git '.repeat(200_000)}`,
    `FROM debian\nRUN ${'http:/'.repeat(150_000)}`,
  ])('comes to an end with a hostile text (%#)', (text) => {
    expect(readDockerfile(text).bases).toHaveLength(1);
  });
});
