import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { extract } from './extract.js';

const fixture = new URL('./__fixtures__/pyproject.toml', import.meta.url);
const spec = extract(readFileSync(fixture, 'utf8'), 'pyproject.toml')!;

describe('formats/pyproject/extract', () => {
  it('names what the tables declare', () => {
    expect(spec.packages.map((each) => [each.group, each.name, each.version, each.specifier, each.line])).toEqual([
      ['project.dependencies', 'numpy', '1.26.4', '==1.26.4', 10],
      ['project.dependencies', 'scipy', null, '[fast]>=1.11,<2', 11],
      ['project.dependencies', 'eeg-tools', null, null, 12],
      ['project.optional-dependencies.plot', 'matplotlib', null, null, 18],
      ['dependency-groups.test', 'pytest', null, '>8', 21],
      ['dependency-groups.lint', 'ruff', null, '==0.6.*', 22],
      ['build-system.requires', 'hatchling', null, '>= 1.20', 3],
      ['build-system.requires', 'hatch-vcs', null, null, 3],
      ['tool.poetry.dependencies', 'pandas', '2.1.3', '2.1.3', 26],
      ['tool.poetry.dependencies', 'requests', null, '[socks]^2.31', 27],
      ['tool.poetry.dependencies', 'torch', '2.1', '2.1', 28],
      ['tool.poetry.dependencies', 'torch', null, null, 28],
      ['tool.poetry.dependencies', 'tools', null, null, 32],
      ['tool.poetry.dependencies', 'here', null, null, 33],
      ['tool.poetry.group.dev.dependencies', 'black', null, null, 36],
      ['tool.uv.dev-dependencies', 'ipython', null, null, 43],
    ]);
    expect(new Set(spec.packages.map(({ standing }) => standing))).toEqual(new Set(['declared']));
  });

  it('keeps conditions and says what comes from elsewhere', () => {
    const rows = spec.packages.map(({ name, marker, skipReason }) => [name, marker, skipReason]);

    expect(rows.filter(([, marker, reason]) => marker !== null || !/version/.test(String(reason)))).toEqual([
      ['numpy', null, null],
      ['scipy', "python_version < '3.13'", 'version-range'],
      ['eeg-tools', "os_name == 'posix'", 'vcs-source'],
      ['pandas', null, null],
      ['requests', "(sys_platform == 'linux') and (python >=3.11)", 'version-range'],
      ['torch', "sys_platform == 'linux'", null],
      ['torch', "sys_platform == 'win32'", 'url-source'],
      ['tools', null, 'vcs-source'],
      ['here', null, 'local-path'],
    ]);
  });

  it('tells the Python, indexes and files, and repeats no secret', () => {
    expect(spec.runtimes).toEqual([
      { name: 'python', version: null, specifier: '>=3.10', line: 8 },
      { name: 'python', version: null, specifier: '^3.10', line: 25 },
    ]);
    expect(spec.sources).toEqual(['https://index.example.org/simple']);
    expect(spec.references).toEqual(['requirements.txt']);
    expect(spec.secrets).toEqual([
      { kind: 'url-credentials', line: 12 },
      { kind: 'url-credentials', line: 38 },
    ]);
    expect(JSON.stringify(spec)).not.toMatch(/s3cret|token@/);
  });

  it('says what is no requirement, what is dynamic and what it does not read', () => {
    expect(spec.problems.map(({ reason, line }) => [reason, line])).toEqual([
      ['syntax-invalid', 13],
      ['dynamic-value', 15],
      ['unsupported-installer', 48],
    ]);
  });

  it('reads a file of settings as one that declares nothing', () => {
    expect(extract('[tool.black]\nline-length = 100\n', 'pyproject.toml')?.packages).toEqual([]);
  });

  it.each([
    ['pixi.toml', '[project]\nname = "a"\nchannels = ["conda-forge"]\n', 'pixi.toml'],
    ['a Project.toml of Julia', 'name = "A"\n[deps]\nB = "x"\n', 'Project.toml'],
    ['settings of another program', '[project]\nroot = "x"\n', 'x.toml'],
  ])('is not %s', (_, text, path) => {
    expect(extract(text, path)).toBeNull();
  });
});
