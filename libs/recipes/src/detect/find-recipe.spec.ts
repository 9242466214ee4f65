import { ArchiveError } from '@envarium/errors';
import { describe, expect, it } from 'vitest';
import type { GeneratedPlan, RecipePlan } from '../plan.js';
import type { RecipeFile } from '../recipe-file.js';
import { findRecipe } from './find-recipe.js';

const CONTENT: Readonly<Record<string, string>> = {
  Dockerfile: 'FROM debian\n',
  Containerfile: 'FROM debian\n',
  'Project.toml': '[deps]\n',
  'JuliaProject.toml': '[deps]\n',
  'environment.yml': 'dependencies:\n  - numpy\n',
  'environment.yaml': 'dependencies:\n  - numpy\n',
  Pipfile: '[packages]\nsix = "*"\n',
  'Pipfile.lock': '{"default": {}}',
  'requirements.txt': 'six\n',
  'setup.py': 'setup()\n',
  'pyproject.toml': '[project]\nname = "x"\n[build-system]\nrequires = []\n',
  'poetry.lock': '[metadata]\n',
  'uv.lock': 'version = 1\n',
  'pylock.toml': 'lock-version = "1.0"\npackages = []\n',
  DESCRIPTION: 'Package: x\n',
  'renv.lock': '{"R": {"Version": "4.2.0", "Repositories": []}, "Packages": {}}',
  'install.R': 'install.packages("x")\n',
  'package.json': '{}',
  'go.mod': 'module example.org/x\n',
  'Cargo.toml': '[package]\nname = "x"\n',
  'apt.txt': 'graphviz\n',
  postBuild: '#!/bin/sh\n',
  start: '#!/bin/sh\n',
  'default.nix': '{}\n',
  REQUIRE: 'julia 0.6\n',
};

function file(path: string, text?: string): RecipeFile {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return { path, bytes: new TextEncoder().encode(text ?? CONTENT[name] ?? ''), isExecutable: false };
}

/** `name=content` gives a file of its own content. */
function deposit(names: string): RecipeFile[] {
  return names.split(' ').map((each) => {
    const [path = '', text] = each.split('=');
    return file(path, text);
  });
}

function decide(files: readonly RecipeFile[]): string {
  try {
    const plan = findRecipe(files);
    return plan.origin === 'deposited' ? plan.file : plan.kind;
  } catch (error) {
    return error instanceof ArchiveError ? error.code : String(error);
  }
}

function steps(names: string): string[] {
  return (findRecipe(deposit(names)) as GeneratedPlan).steps.map(({ kind }) => kind);
}

describe('recipes/detect/find-recipe', () => {
  it.each([
    ['Dockerfile Project.toml environment.yml requirements.txt', 'Dockerfile'],
    ['Containerfile requirements.txt', 'Containerfile'],
    ['Project.toml runtime.txt=r-2022-01-31 environment.yml', 'julia'],
    ['JuliaProject.toml REQUIRE', 'julia'],
    ['REQUIRE requirements.txt', 'RECIPE_REFUSED'],
    ['default.nix DESCRIPTION', 'RECIPE_REFUSED'],
    ['runtime.txt=r-2022-01-31 environment.yml Pipfile', 'r'],
    ['runtime.txt=r-3.6-2019-01-31', 'r'],
    ['DESCRIPTION environment.yml', 'r'],
    ['renv.lock requirements.txt', 'r'],
    ['DESCRIPTION=Type:Shiny requirements.txt', 'python'],
    ['install.R environment.yml', 'conda'],
    ['install.R', 'RECIPE_UNKNOWN'],
    ['environment.yml Pipfile requirements.txt', 'conda'],
    ['environment.yaml setup.py', 'conda'],
    ['Pipfile requirements.txt setup.py', 'pipfile'],
    ['Pipfile.lock requirements.txt', 'pipfile'],
    ['requirements.txt package.json', 'python'],
    ['runtime.txt=python-3.11', 'python'],
    ['setup.py', 'python'],
    ['pyproject.toml', 'python'],
    ['poetry.lock', 'python'],
    ['uv.lock', 'python'],
    ['pylock.toml', 'python'],
    ['package.json apt.txt', 'native'],
    ['go.mod', 'native'],
    ['Cargo.toml', 'native'],
    ['apt.txt', 'apt'],
    ['postBuild start', 'apt'],
    ['README.md main.py', 'RECIPE_UNKNOWN'],
    ['binder/requirements.txt .binder/requirements.txt', 'RECIPE_INVALID'],
    ['binder/requirements.txt Dockerfile environment.yml', 'python'],
    ['.binder/Dockerfile requirements.txt', '.binder/Dockerfile'],
    ['binder/apt.txt DESCRIPTION setup.py', 'apt'],
    ['binder/README.md requirements.txt', 'RECIPE_UNKNOWN'],
    ['runtime.txt=r-2018-12-06', 'RECIPE_REFUSED'],
    ['runtime.txt=r-2018-12-07', 'r'],
    ['runtime.txt=r-2022-02-30', 'RECIPE_INVALID'],
    ['runtime.txt=python', 'RECIPE_INVALID'],
    ['runtime.txt=python-3.x', 'RECIPE_INVALID'],
  ])('of %j takes %s', (names, expected) => {
    expect(decide(deposit(names))).toBe(expected);
  });

  it.each([
    ['Project.toml requirements.txt environment.yml postBuild', ['conda-environment', 'pip', 'julia', 'post-build']],
    ['DESCRIPTION install.R requirements.txt start', ['pip', 'r-script', 'r-description', 'start']],
    ['requirements.txt setup.py postBuild start', ['pip', 'pip-project', 'post-build', 'start']],
    ['environment.yml requirements.txt apt.txt', ['conda-environment']],
    ['binder/requirements.txt setup.py', ['pip']],
    ['package.json go.mod Cargo.toml', ['npm', 'go', 'cargo']],
  ])('of %j does %j', (names, expected) => {
    expect(steps(names)).toEqual(expected);
  });

  it.each([
    ['../a'],
    ['/etc/passwd'],
    ['a//b'],
    ['a/./b'],
    ['a/'],
    [''],
    ['a\0b'],
    ['a\nb'],
    ['a\\b'],
    ['a\ud800b'],
    [`a${'x'.repeat(1024)}`],
  ])('refuses the path %j', (path) => {
    expect(decide([file('requirements.txt'), file(path)])).toBe('RECIPE_REFUSED');
  });

  it('refuses a deposit of too many files or bytes', () => {
    const bytes = new Uint8Array(64 * 1024 * 1024);
    const large = Array.from({ length: 17 }, (_, index) => ({ path: `data/${index}`, bytes, isExecutable: false }));
    const many = Array.from({ length: 100_001 }, (_, index) => file(`data/${index}`));

    expect(decide([file('requirements.txt'), ...large])).toBe('RECIPE_REFUSED');
    expect(decide([file('requirements.txt'), ...large.slice(0, 15)])).toBe('python');
    expect(decide(many)).toBe('RECIPE_REFUSED');
  });

  it('refuses a path that is there twice, or is a file and a folder', () => {
    expect(decide([file('requirements.txt'), file('a'), file('a')])).toBe('RECIPE_REFUSED');
    expect(decide([file('requirements.txt'), file('a'), file('a/b')])).toBe('RECIPE_REFUSED');
  });

  it.each([
    ['requirements.txt', 'tqdm\nsix==1 --hash=md5:00', 'RECIPE_INVALID', 2],
    ['requirements.txt', 'six\n!!!', 'RECIPE_INVALID', 2],
    ['requirements.txt', `six==1 --hash=sha256:${'ab'.repeat(32)}\ntqdm==1`, 'RECIPE_INVALID', 2],
    ['requirements.txt', '-r ../../outside.txt', 'RECIPE_INVALID', null],
    ['requirements.txt', '-r missing.txt', 'RECIPE_INVALID', null],
    ['requirements.txt', '--index-url https://lab:s3cret@pypi.example.org/simple\nsix', 'RECIPE_REFUSED', 1],
    ['requirements.txt', '\0', 'RECIPE_INVALID', null],
    ['apt.txt', 'graphviz\n; rm -rf /', 'RECIPE_INVALID', 2],
    ['apt.txt', '-o=Dir::Etc=x', 'RECIPE_INVALID', 1],
    ['environment.yml', 'dependencies: [', 'RECIPE_INVALID', 1],
    ['Pipfile', '[packages]\nsix = "*\n', 'RECIPE_INVALID', 2],
    ['Pipfile', '[packages]\nsix = "*\\n--index-url=https://x.example.org"\n', 'RECIPE_INVALID', 2],
    ['Pipfile.lock', '{"default": {"--index-url": {"version": "==1"}}}', 'RECIPE_INVALID', null],
    ['Pipfile.lock', '{"default": {"six": {"version": "==1", "markers": "a\\n--pre"}}}', 'RECIPE_INVALID', null],
    ['Pipfile.lock', '{"default": {"six": {"git": "https://lab:s3cret@git.example.org/six"}}}', 'RECIPE_REFUSED', null],
    ['Pipfile.lock', '[', 'RECIPE_INVALID', null],
    ['poetry.lock', 'package = 1', 'RECIPE_INVALID', null],
    ['uv.lock', 'version = ', 'RECIPE_INVALID', 1],
    ['pylock.toml', 'packages = []', 'RECIPE_INVALID', null],
    ['pyproject.toml', '[project\n', 'RECIPE_INVALID', 1],
    ['package.json', '[]', 'RECIPE_INVALID', null],
    ['go.mod', 'go 1.19', 'RECIPE_INVALID', null],
    ['Cargo.toml', '[package', 'RECIPE_INVALID', 1],
    ['DESCRIPTION', 'Package: x\nnonsense', 'RECIPE_INVALID', 2],
    ['Project.toml', 'deps = 1', 'RECIPE_INVALID', null],
    ['renv.lock', '{', 'RECIPE_INVALID', null],
  ])('says what is wrong in %s: %j', (path, text, code, line) => {
    let detail: unknown = null;
    try {
      findRecipe([file(path, text)]);
    } catch (error) {
      detail =
        error instanceof ArchiveError
          ? { code: error.code, file: error.detail['file'], line: error.detail['line'] }
          : error;
    }

    expect(detail).toEqual({ code, file: path, line });
  });

  it('refuses the image of the first Binder', () => {
    expect(decide([file('Dockerfile', 'FROM andrewosh/binder-base')])).toBe('RECIPE_REFUSED');
  });

  it('refuses the tokens of npm, and those that nobody gives', () => {
    const line = '//npm.example.org/:_authToken=';

    expect(decide([file('package.json'), file('.npmrc', `${line}abc`)])).toBe('RECIPE_REFUSED');
    expect(decide([file('package.json'), file('.npmrc', `${line}\${TOKEN}`)])).toBe('RECIPE_INVALID');
    expect(decide([file('package.json'), file('.npmrc', 'fund=false')])).toBe('native');
  });

  it('does not hold what is asked for against an interpreter that it does not know', () => {
    const withConda = findRecipe(deposit('runtime.txt=python-3.8 environment.yml requirements.txt DESCRIPTION'));
    const inBase = findRecipe(deposit('runtime.txt=python-3.8'), { toolchain: 'base' });
    const inDebian = findRecipe(deposit('runtime.txt=python-3.8'));

    const codes = (plan: RecipePlan): unknown => [
      plan.isExact,
      plan.warnings.map(({ code }) => code).filter((code) => code.startsWith('runtime')),
    ];
    expect(codes(withConda)).toEqual([true, ['runtime-not-checked']]);
    expect(codes(inBase)).toEqual([true, ['runtime-not-checked']]);
    expect(codes(inDebian)).toEqual([false, ['runtime-differs']]);
  });

  it('names the files that another one comes before', () => {
    const { warnings } = findRecipe(
      deposit('environment.yml requirements.txt Pipfile runtime.txt=python-3.8 package.json'),
    );

    expect(warnings.filter(({ code }) => code === 'file-ignored').map((warning) => warning.file)).toEqual([
      'runtime.txt',
      'requirements.txt',
      'Pipfile',
      'package.json',
    ]);
  });

  it('says once how many packages are open when they are many', () => {
    const names = Array.from({ length: 21 }, (_, index) => `package${index}`).join('\n');
    const { warnings } = findRecipe([file('requirements.txt', names)]);

    expect(warnings).toEqual([
      {
        code: 'unpinned-package',
        message: '21 packages: its version is not fixed.',
        file: 'requirements.txt',
        line: null,
      },
    ]);
  });
});
