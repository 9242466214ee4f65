import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { osReleaseFormat } from './index.js';
import { parseOsRelease } from './parse.js';

const fixture = (name: string): string => readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8');
const read = (content: string, path = 'file.txt') => osReleaseFormat.extract(content, path);

describe('formats/os-release/extract', () => {
  it('gives the system and its version as a runtime of the host', () => {
    const spec = read(fixture('os-release'));

    expect(spec?.scope).toBe('host');
    expect(spec?.runtimes).toEqual([{ name: 'lab-linux', version: '12.4', specifier: null, line: 4 }]);
    expect(spec?.system).toEqual({
      id: 'lab-linux',
      versionId: '12.4',
      name: 'Lab Linux 12.4 "Granite" for $5',
      line: 4,
    });
    expect(spec?.packages).toEqual([]);
    expect(spec?.problems).toEqual([]);
  });

  it('never makes a version of a codename or a build', () => {
    expect(read(fixture('os-release-rolling'))?.runtimes).toEqual([
      { name: 'rolling', version: null, specifier: 'rolling', line: 3 },
    ]);
    expect(read('PRETTY_NAME="Debian GNU/Linux forky/sid"\nID=debian\nVERSION_CODENAME=forky\n')?.runtimes).toEqual([
      { name: 'debian', version: null, specifier: 'forky', line: 2 },
    ]);
  });

  it('is linux without an ID, as the specification says', () => {
    expect(read('PRETTY_NAME=x\n')?.runtimes).toEqual([{ name: 'linux', version: null, specifier: null, line: 1 }]);
  });

  it('keeps the version a string and takes the last assignment', () => {
    const { fields } = parseOsRelease(fixture('os-release'));

    expect(fields.get('NAME')).toEqual({ value: 'Lab Linux', line: 3 });
    expect(fields.get('PRETTY_NAME')?.value).toBe('Lab Linux 12.4 "Granite" for $5');
    expect(fields.get('HOME_URL')?.value).toBe('https://linux.example.org/');
  });

  it.each([
    ['ID=debian\nNAME=Debian\nVERSION_ID="12\n', 3],
    ['ID=debian\nNAME=Debian GNU\n', 2],
    ['ID=debian\nNAME=Debian\nhello\n', 3],
  ])('names the line that is no assignment in %j', (content, line) => {
    expect(read(content, 'os-release')?.problems.map((problem) => [problem.reason, problem.line])).toEqual([
      ['syntax-invalid', line],
    ]);
  });

  it.each([
    ['variables of a shell', 'ID=7\nPATH=/usr/bin\n'],
    ['an INI file', '[a]\nID=7\nb c\nd e\n'],
    ['a word', 'ID\n'],
    ['nothing', ''],
  ])('leaves %s to other formats', (_, content) => {
    expect(read(content)).toBeNull();
  });
});
