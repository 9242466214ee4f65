import { readdirSync, readFileSync } from 'node:fs';
import { EnvironmentSpec } from '@envarium/schema';
import { describe, expect, it } from 'vitest';
import { formats } from './formats.js';
import { readEnvironmentFile } from './read-environment-file.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('formats/read-environment-file', () => {
  it('names format and encoding of a file that is understood', () => {
    const reading = readEnvironmentFile(Buffer.from('\uFEFFnumpy==1.26.4\r\n', 'utf16le'), 'a/requirements.txt');

    expect(reading).toMatchObject({ outcome: 'understood', format: 'pip-requirements', encoding: 'utf-16le' });
    expect(reading.outcome === 'understood' && EnvironmentSpec.parse(reading.spec)).toEqual(
      reading.outcome === 'understood' && reading.spec,
    );
  });

  it('says that a format has no encoding but UTF-8', () => {
    const lock = '\uFEFF[[package]]\nname = "a"\nversion = "1"\noptional = false\n';
    const reading = readEnvironmentFile(Buffer.from(lock, 'utf16le'), 'poetry.lock');

    expect(reading).toMatchObject({
      format: 'poetry-lock',
      spec: {
        packages: [{ name: 'a', version: '1' }],
        problems: [{ reason: 'encoding-invalid', message: 'The format is UTF-8; the file was read as utf-16le.' }],
      },
    });
  });

  it('lists the first problems of a file, and counts the others', () => {
    const reading = readEnvironmentFile(bytes('a==1\n'.repeat(2000) + '--pre\n'.repeat(1500)), 'requirements.txt');
    const problems = reading.outcome === 'understood' ? reading.spec.problems : [];

    expect(problems.length).toBe(1001);
    expect(problems.at(-1)?.message).toBe('500 more problems are not listed.');
  });

  it.each([
    ['lines', 'a\n'.repeat(250_001), 'requirements.txt'],
    ['packages', 'a==1\n'.repeat(200_001), 'requirements.txt'],
    ['characters of a lock', `a = "${'x'.repeat(9 * 1024 * 1024)}"`, 'poetry.lock'],
    ['packages of a lock', `[[package]]\noptional = false\n${'[[package]]\n'.repeat(200_000)}`, 'poetry.lock'],
  ])('does not read more %s than there may be', (_, text, path) => {
    expect(readEnvironmentFile(bytes(text), path)).toMatchObject({ problem: { reason: 'limit-exceeded' } });
  });

  it('goes by content, not by name', () => {
    const explicit = bytes('@EXPLICIT\nhttps://conda.example.org/lab/noarch/a-1-0.conda\n');

    expect(readEnvironmentFile(explicit, 'requirements.txt')).toMatchObject({ format: 'conda-explicit' });
  });

  it('says that it knows no format of the content', () => {
    expect(readEnvironmentFile(bytes('Dear editor,\n'), 'letter.txt')).toEqual({
      outcome: 'not-understood',
      format: null,
      problem: { reason: 'syntax-invalid', message: 'The content is of no format that is read here.', line: null },
    });
  });

  it('gives format, reason and line of a file that is broken', () => {
    expect(readEnvironmentFile(bytes('channels: [a]\ndependencies:\n  - [b\n'), 'env.yml')).toMatchObject({
      outcome: 'not-understood',
      format: 'conda-environment',
      problem: { reason: 'syntax-invalid', line: 4 },
    });
  });

  it('does not read a file beyond 16 MiB', () => {
    expect(readEnvironmentFile(new Uint8Array(16 * 1024 * 1024 + 1), 'requirements.txt')).toMatchObject({
      outcome: 'not-understood',
      problem: { reason: 'limit-exceeded' },
    });
  });

  it('does not read more than 200,000 packages', () => {
    expect(readEnvironmentFile(bytes('a==1\n'.repeat(200_001)), 'requirements.txt')).toMatchObject({
      outcome: 'not-understood',
      format: 'pip-requirements',
      problem: { reason: 'limit-exceeded' },
    });
  });

  // A linear congruential generator: the same damage on every machine.
  const random = (seed: number) => {
    let state = seed;
    return (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      return (state >>> 8) % below;
    };
  };

  const damaged = formats.flatMap(({ id }) => {
    const folder = new URL(`./${id}/__fixtures__/`, import.meta.url);
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry): [string, Buffer] => [`${id}/${entry.name}`, readFileSync(new URL(entry.name, folder))]);
  });

  it.each(damaged)('never throws on damage to %s, and stays a valid result', (name, original) => {
    const next = random(original.length);
    const start = performance.now();
    for (let round = 0; round < 15; round += 1) {
      const copy = Buffer.from(original.subarray(0, round % 3 === 0 ? next(original.length + 1) : original.length));
      for (let change = next(6); change > 0 && copy.length > 0; change -= 1) copy[next(copy.length)] = next(256);
      const reading = readEnvironmentFile(copy, name);
      if (reading.outcome === 'understood') EnvironmentSpec.parse(reading.spec);
    }

    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it.each([
    ['brackets', '['.repeat(300_000)],
    ['braces', '{"a":'.repeat(100_000)],
    ['blanks before a comment', `a${' '.repeat(200_000)}#`],
    ['backslashes', '\\\n'.repeat(100_000)],
    ['dashes under dependencies', `channels: [a]\ndependencies:\n${'- '.repeat(60_000)}`],
    ['brackets under dependencies', `channels: [a]\ndependencies: ${'['.repeat(60_000)}`],
    ['names', 'a-'.repeat(30_000)],
    ['extras', `a[${'b,'.repeat(30_000)}]==1`],
    ['markers', `a==1; ${'('.repeat(30_000)}`],
    ['hashes', `a==1 ${'--hash=sha256:aa '.repeat(3_500)}`],
    ['at signs', `https://${'a@'.repeat(30_000)}`],
    ['release numbers', `a~=${'1.'.repeat(30_000)}1+`],
    ['half selectors', `channels: [a]\ndependencies:\n  - a ${' # ['.repeat(50_000)}`],
    ['entries on one line', `channels: [a]\ndependencies: [${'a, '.repeat(60_000)}a] # [x`],
    ['tokens', `https://h${'/t/a'.repeat(15_000)}`],
    ['percent signs', `https://h/${'%'.repeat(60_000)}.whl`],
  ])('reads a file full of %s in good time', (_, content) => {
    const start = performance.now();

    expect(['understood', 'not-understood']).toContain(readEnvironmentFile(bytes(content), 'requirements.txt').outcome);
    expect(performance.now() - start).toBeLessThan(8_000);
  });
});
