import { describe, expect, it } from 'vitest';
import { understandFiles } from './understand-files.js';

const CPUINFO = 'processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R)\nflags\t\t: fpu sse2\n';
const file = (path: string, content: string | Uint8Array) => ({
  path,
  bytes: typeof content === 'string' ? Buffer.from(content) : content,
});

describe('environments/understand-files', () => {
  it('reads package files and hardware reports side by side', () => {
    const { files, environment, hardware } = understandFiles([
      file('requirements.txt', 'numpy==1.26.4\nscipy>=1.0\n'),
      file('cpuinfo.txt', CPUINFO),
    ]);

    expect(files).toMatchObject([
      { path: 'requirements.txt', format: 'pip-requirements', packageCount: 2 },
      { path: 'cpuinfo.txt', format: 'cpuinfo', packageCount: 0 },
    ]);
    expect(environment?.scopes[0]?.packages.map(({ name, version }) => [name, version])).toEqual([
      ['numpy', '1.26.4'],
      ['scipy', null],
    ]);
    expect(hardware?.cpu?.modelNames?.value).toEqual(['Intel(R) Xeon(R)']);
  });

  it('says why a file is kept without being understood', () => {
    const { files, environment, hardware } = understandFiles([file('logo.png', new Uint8Array([0x89, 0x50, 0, 1, 2]))]);

    expect(files).toMatchObject([{ path: 'logo.png', format: null, packageCount: 0 }]);
    expect(files[0]?.message).toMatch(/\S/);
    expect([environment, hardware]).toEqual([null, null]);
  });

  it('says the first problem and how many more there are', () => {
    const { files } = understandFiles([file('requirements.txt', 'numpy==1.26.4\n--pre\nscipy>=1\n==3\n')]);

    expect(files[0]).toMatchObject({ format: 'pip-requirements', line: 2 });
    expect(files[0]?.message).toMatch(/^--pre .* \(and 1 more\)$/);
  });

  it('reads what Binder would not read, and says so', () => {
    const { files, environment } = understandFiles([
      file('requirements.txt', 'numpy==1.26.4\n--pre\n'),
      file('binder/requirements.txt', 'scipy==1.11.0\n'),
    ]);

    expect(files.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^--pre .* Binder does not read this file: its configuration lies in binder\/\.$/),
      null,
    ]);
    expect(environment?.scopes[0]?.packages.map(({ name }) => name)).toEqual(['numpy', 'scipy']);
  });

  it('finds secrets without repeating them', () => {
    const understanding = understandFiles([
      file('requirements.txt', '--index-url https://ada:hunter2-Xk39@pypi.example.org/simple\nnumpy==1.26.4\n'),
    ]);

    expect(understanding.files[0]?.secrets).toMatchObject([{ kind: 'url-credentials', line: 1 }]);
    expect(JSON.stringify(understanding)).not.toContain('hunter2');
  });

  it.each([
    ['a NUL character', 'a\\u0000b'],
    ['half of a surrogate pair', 'a\\ud800b'],
  ])('does not understand a file whose names hold %s, written as an escape', (_, name) => {
    const lock = `{"name":"x","lockfileVersion":3,"packages":{"node_modules/${name}":{"version":"1.0.0"}}}`;

    const { files, environment } = understandFiles([file('package-lock.json', lock)]);

    expect(files[0]).toMatchObject({ format: 'package-lock', packageCount: 0 });
    expect(JSON.stringify([files, environment])).not.toMatch(/\\u0000|\\ud800/);
    expect(environment?.scopes ?? []).toEqual([]);
  });
});
