import type { EnvironmentSpec, SpecPackage } from '@envarium/schema';
import { readEnvironmentFile } from '@envarium/formats';
import { recipeInvalid } from '../refusal.js';
import type { PlanBuilder } from './plan-builder.js';

const EXPLICIT_NAME = /(?:\.lock|explicit.*\.txt|spec-?(?:file|list).*\.txt|conda.*\.txt)$/i;
/** https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html#identical-conda-envs */
const EXPLICIT_MARK = /^[ \t]*@EXPLICIT[ \t]*$/m;

const SUBDIRS: Readonly<Record<string, string>> = {
  'linux/amd64': 'linux-64',
  'linux/arm64': 'linux-aarch64',
  'linux/ppc64le': 'linux-ppc64le',
};

export function findConda(builder: PlanBuilder): string | null {
  return environmentFile(builder) ?? explicitFiles(builder)[0] ?? null;
}

/** @returns whether a conda environment is made; a list of exact packages comes before the wishes of environment.yml */
export function addConda(builder: PlanBuilder): boolean {
  const environment = environmentFile(builder);
  const lists = explicitFiles(builder);
  const explicit = lists.find((path) => isForPlatform(builder, path)) ?? null;
  for (const path of lists) if (path !== explicit) builder.ignore(path, 'it is of another platform, or not the first');
  if (explicit !== null) addExplicit(builder, explicit, environment);
  else if (environment !== null) addEnvironment(builder, environment);
  else if (lists.length > 0)
    throw recipeInvalid(lists[0] ?? null, null, `No list is of the platform ${builder.platform}.`);
  else return false;
  builder.use('conda');
  return true;
}

function environmentFile(builder: PlanBuilder): string | null {
  return builder.config('environment.yml') ?? builder.config('environment.yaml');
}

function explicitFiles(builder: PlanBuilder): string[] {
  return builder.tree
    .namesIn(builder.folder)
    .filter((name) => EXPLICIT_NAME.test(name))
    .map((name) => builder.folder + name)
    .filter((path) => (builder.tree.get(path)?.bytes.byteLength ?? 0) < 16 * 1024 * 1024 && isExplicit(builder, path));
}

function isExplicit(builder: PlanBuilder, path: string): boolean {
  const file = builder.tree.get(path);
  if (file === null) return false;
  const reading = readEnvironmentFile(file.bytes, path);
  return reading.format === 'conda-explicit' && EXPLICIT_MARK.test(builder.tree.text(path));
}

function isForPlatform(builder: PlanBuilder, path: string): boolean {
  const wanted = SUBDIRS[builder.platform] ?? builder.platform;
  const subdirs = builder.tree.text(path).matchAll(/\/(linux-[\w]+|osx-[\w]+|win-[\w]+)\/[^/\s]+$/gm);
  return [...subdirs].every(([, subdir]) => subdir?.split('#')[0] === wanted);
}

function addExplicit(builder: PlanBuilder, file: string, environment: string | null): void {
  const spec = builder.read(file, 'conda-explicit');
  builder.log.addPackages(
    'hash-missing',
    spec.packages.filter(({ hashes }) => hashes.length === 0),
    'the list names no hash',
    file,
  );
  builder.ignore(environment, `${file} lists the exact packages`);
  builder.steps.push({ kind: 'conda-explicit', file, files: [] });
}

function addEnvironment(builder: PlanBuilder, file: string): void {
  const spec = builder.read(file, 'conda-environment');
  const broken = spec.problems.find(({ reason }) => reason === 'syntax-invalid');
  if (broken !== undefined) throw recipeInvalid(file, broken.line, broken.message);
  builder.log.addPackages('unpinned-package', spec.packages.filter(isOpen), 'its version is not fixed', file);
  if (spec.packages.some(({ build, ecosystem }) => ecosystem === 'conda' && build === null)) {
    builder.log.add(
      'hash-missing',
      'An environment.yml names no files: a list made by `conda list --explicit --md5` does.',
      file,
    );
  }
  builder.steps.push({ kind: 'conda-environment', file, files: requirementsOf(builder, file, spec) });
}

/** Requirements files that the pip part of an environment.yml names. */
function requirementsOf(builder: PlanBuilder, file: string, { references }: EnvironmentSpec): string[] {
  return [...new Set(references)].sort().map((reference) => {
    const path = builder.folder + reference.replace(/^\.\//, '');
    if (!builder.tree.has(path))
      throw recipeInvalid(file, null, `The file names ${JSON.stringify(path)}, which is not there.`);
    return path;
  });
}

function isOpen({ version }: SpecPackage): boolean {
  return version === null;
}
