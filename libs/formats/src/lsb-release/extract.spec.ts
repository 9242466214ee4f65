import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lsbReleaseFormat } from './index.js';

const fixture = (name: string): string => readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8');
const read = (content: string) => lsbReleaseFormat.extract(content);

describe('formats/lsb-release/extract', () => {
  it.each([
    ['lsb_release.txt', { id: 'lablinux', versionId: '12.4', name: 'Lab Linux 12.4 (granite)', line: 2 }],
    ['lsb-release', { id: 'ubuntu', versionId: '22.04', name: 'Ubuntu 22.04.4 LTS', line: 1 }],
  ])('reads the system out of %s', (file, system) => {
    const spec = read(fixture(file));

    expect(spec?.system).toEqual(system);
    expect(spec?.runtimes).toEqual([
      { name: system.id, version: system.versionId, specifier: null, line: system.line },
    ]);
    expect(spec).toMatchObject({ scope: 'host', packages: [], problems: [] });
  });

  it.each([
    ['Distributor ID:\tArch\nRelease:\trolling\nCodename:\tn/a\n', 'n/a'],
    ['Distributor ID:\tDebian\nRelease:\ttesting\nCodename:\ttrixie\n', 'trixie'],
    ['Distributor ID:\tDebian\nRelease:\tn/a\n', 'n/a'],
  ])('never makes a version of a word in %j', (content, specifier) => {
    expect(read(content)?.system?.versionId).toBeNull();
    expect(read(content)?.runtimes[0]).toMatchObject({ version: null, specifier });
  });

  it('takes the command above its output, and names a line that it does not understand', () => {
    const spec = read('jane@lab:~$ lsb_release -a\nDistributor ID: SUSE LINUX\nhello\n');

    expect(spec?.system).toMatchObject({ id: 'suse-linux', versionId: null, name: null, line: 2 });
    expect(spec?.problems).toEqual([
      { reason: 'syntax-invalid', message: 'The line names nothing of a release.', line: 3 },
    ]);
  });

  it.each([
    ['other assignments', 'ID=debian\nNAME=x\n'],
    ['a description alone', 'Description:\tUbuntu 22.04\n'],
    ['an empty distributor', 'DISTRIB_ID=\n'],
    ['nothing', ''],
  ])('leaves %s to other formats', (_, content) => {
    expect(read(content)).toBeNull();
  });
});
