import { ArchiveError } from '@envarium/errors';
import { binderFolder } from '@envarium/formats';
import { readDockerfile } from '../dockerfile/reading.js';
import { withoutIgnored } from '../dockerfile/ignore-file.js';
import type { DepositedPlan, FindOptions, GeneratedPlan, PlanKind, RecipePlan } from '../plan.js';
import { FileTree, type RecipeFile } from '../recipe-file.js';
import { recipeInvalid, recipeRefused } from '../refusal.js';
import { addAptFile, addPostBuild, addStart } from './binder-files.js';
import { addCargo } from './cargo.js';
import { addConda, findConda } from './conda.js';
import { addGo } from './go.js';
import { addJulia, findJulia } from './julia.js';
import { addNode } from './node.js';
import { addPipfile, findPipfile } from './pipfile.js';
import { addPython, findPython } from './python.js';
import { PlanBuilder, type ConfigFolder } from './plan-builder.js';
import { addR, findR } from './r.js';
import { readRuntime, type RuntimeRequest } from './runtime-file.js';

const NATIVE = ['package.json', 'go.mod', 'Cargo.toml'] as const;

/**
 * What to build from the files of a deposit: its own Dockerfile, or a plan made of its package files, in the order of
 * precedence of repo2docker at 808ae6bb. Nothing is fetched, executed or guessed.
 *
 * @throws ArchiveError RECIPE_UNKNOWN when there is nothing to go by; RECIPE_INVALID, RECIPE_REFUSED with file, line, reason
 */
export function findRecipe(files: readonly RecipeFile[], options: FindOptions = {}): RecipePlan {
  const tree = new FileTree(files);
  const folder = configFolder(tree);
  const dockerfile = tree.first([`${folder}Dockerfile`, `${folder}Containerfile`]);
  if (dockerfile !== null) return depositedPlan(tree, dockerfile, options);
  return generatedPlan(new PlanBuilder(tree, folder, options));
}

/** https://repo2docker.readthedocs.io/en/latest/usage/#where-to-put-configuration-files */
function configFolder(tree: FileTree): ConfigFolder {
  const { folder, isAmbiguous } = binderFolder(tree.files.map(({ path }) => path));
  if (isAmbiguous) throw recipeInvalid('.binder', null, 'There may be binder or .binder, not both.');
  return folder;
}

function depositedPlan(tree: FileTree, file: string, { platform }: FindOptions): DepositedPlan {
  const reading = readDockerfile(tree.text(file), { file, ...(platform === undefined ? {} : { platform }) });
  const legacy = reading.bases.find(({ reference }) => /^andrewosh\/binder-base(?:[:@]|$)/.test(reference));
  if (legacy !== undefined)
    throw recipeRefused(file, legacy.line, 'The image of the first Binder is no longer to be had.');
  const ignoreFile = '.dockerignore';
  const context = tree.has(ignoreFile)
    ? withoutIgnored(tree.files, tree.text(ignoreFile), new Set([file, ignoreFile]))
    : tree.files;
  return { origin: 'deposited', file, reading, context, warnings: reading.warnings, isExact: true };
}

function generatedPlan(builder: PlanBuilder): GeneratedPlan {
  const runtime = readRuntime(builder);
  const kind = findKind(builder, runtime);
  if (kind === null) throw new ArchiveError('RECIPE_UNKNOWN', { reason: nothingFound(builder) });
  addAptFile(builder);
  if (kind === 'native') addNative(builder);
  else if (kind === 'pipfile') addPipfile(builder, runtime);
  else if (kind !== 'apt') addLanguages(builder, kind, runtime);
  if (kind !== 'native') {
    for (const name of NATIVE) {
      if (builder.tree.has(name) && kind !== 'apt') builder.ignore(name, `${kind} comes before it`);
    }
  }
  addPostBuild(builder);
  addStart(builder);
  return builder.build(kind);
}

/** The first that says yes. https://repo2docker.readthedocs.io/en/latest/architecture/#buildpacks */
function findKind(builder: PlanBuilder, runtime: RuntimeRequest | null): PlanKind | null {
  if (findJulia(builder) !== null) return 'julia';
  refuseFile(builder, 'REQUIRE', 'It is of Julia before 1.0, which is not built here.');
  refuseFile(builder, 'default.nix', 'Nix expressions are not built here.');
  if (findR(builder, runtime)) return 'r';
  if (findConda(builder) !== null) return 'conda';
  if (findPipfile(builder)) return 'pipfile';
  if (findPython(builder, runtime)) return 'python';
  if (NATIVE.some((name) => builder.tree.has(name))) return 'native';
  return ['apt.txt', 'postBuild', 'start'].some((name) => builder.config(name) !== null) ? 'apt' : null;
}

function refuseFile(builder: PlanBuilder, name: string, reason: string): void {
  const path = builder.config(name);
  if (path !== null) throw recipeRefused(path, null, reason);
}

/** Julia and R extend Python, and Python extends Conda: what they read applies beside. */
function addLanguages(
  builder: PlanBuilder,
  kind: 'julia' | 'r' | 'conda' | 'python',
  runtime: RuntimeRequest | null,
): void {
  const hasConda = addConda(builder);
  if (kind === 'conda') {
    if (runtime !== null) builder.ignore(runtime.file, 'conda names its own interpreters');
    for (const name of ['requirements.txt', 'Pipfile', 'Pipfile.lock', 'poetry.lock', 'uv.lock', 'pylock.toml']) {
      const path = builder.config(name);
      const isNamed = builder.steps.some(
        (step) => step.kind === 'conda-environment' && step.files.includes(path ?? ''),
      );
      if (!isNamed) builder.ignore(path, 'conda comes before it');
    }
    return;
  }
  if (findPython(builder, runtime)) addPython(builder, runtime, hasConda);
  if (kind === 'r') addR(builder, runtime);
  if (kind === 'julia') addJulia(builder);
}

/** Beyond repo2docker: where none of its languages is found, these apply, all that are there. */
function addNative(builder: PlanBuilder): void {
  addNode(builder);
  addGo(builder);
  addCargo(builder);
}

function nothingFound(builder: PlanBuilder): string {
  return builder.config('install.R') === null
    ? 'No Dockerfile and no package file from which one can be made.'
    : 'install.R alone says neither which R nor of which day: add runtime.txt with r-<version>-<yyyy-mm-dd>.';
}
