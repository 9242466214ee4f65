import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { formats } from './formats.js';
import { readEnvironmentFile } from './read-environment-file.js';

const here = import.meta.dirname;
const folders = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const filesIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
    : [];
const fixtures = folders.flatMap((id) =>
  filesIn(path.join(here, id, '__fixtures__')).map((file) => [id, file] as const),
);
const invalid = folders.flatMap((id) =>
  filesIn(path.join(here, id, '__fixtures__/invalid')).map((file) => [id, file] as const),
);

describe('formats/formats', () => {
  it('lists every folder once, by its name', () => {
    expect(formats.map(({ id }) => id).toSorted()).toEqual(folders.toSorted());
  });

  it('asks the weak grammar of requirements files last', () => {
    expect(formats.at(-1)?.id).toBe('pip-requirements');
  });

  it.each(folders)('%s has a readme and fixtures', (id) => {
    expect(filesIn(path.join(here, id))).toContain('readme.md');
    expect(filesIn(path.join(here, id, '__fixtures__')).length).toBeGreaterThan(0);
  });

  it.each(formats.map(({ id, patterns }) => [id, patterns] as const))(
    '%s knows the usual name of a fixture by each pattern',
    (id, patterns) => {
      const names = filesIn(path.join(here, id, '__fixtures__'));

      expect(names.some((name) => patterns.some((pattern) => pattern.test(name)))).toBe(true);
    },
  );

  it.each(fixtures)('%s/%s is read by its own format, under any name', (id, file) => {
    const bytes = readFileSync(path.join(here, id, '__fixtures__', file));

    expect(readEnvironmentFile(bytes, `deposit/${file}`)).toMatchObject({ outcome: 'understood', format: id });
  });

  it.each(invalid)('%s/%s fails with the reason in its name', (id, file) => {
    const bytes = readFileSync(path.join(here, id, '__fixtures__/invalid', file));
    const reading = readEnvironmentFile(bytes, `deposit/${file}`);

    expect(reading.outcome).toBe('not-understood');
    if (reading.outcome === 'understood') return;
    expect(file.startsWith(`${reading.problem.reason}-`)).toBe(true);
    expect([id, null]).toContain(reading.format);
  });
});
