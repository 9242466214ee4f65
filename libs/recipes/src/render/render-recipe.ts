import { parseImageReference } from '@envarium/formats';
import type { RecipeGenerator, RecipeOrigin, RecipeWarning } from '@envarium/schema';
import type { DepositedPlan, GeneratedPlan, RecipePlan } from '../plan.js';
import { sortByPath, type RecipeFile } from '../recipe-file.js';
import { recipeInvalid } from '../refusal.js';
import { WarningLog } from '../warnings.js';
import { renderDockerfile } from './generated-dockerfile.js';

/** A program that no Debian package has; the build fetches it and checks its bytes. */
export interface Download {
  readonly url: string;
  /** 64 hex digits */
  readonly sha256: string;
}

export interface RenderOptions {
  /** what a generated recipe starts from, best by digest */
  readonly base: string;
  /** number of the user (and group) that the image runs as; root when not given */
  readonly user?: number;
  /** folder of the deposit inside the image; `/work` when not given */
  readonly workDirectory?: string;
  /** the single file `micromamba`, for conda */
  readonly micromamba?: Download;
  /** the archive of Julia (`julia-<version>-linux-<architecture>.tar.gz`) */
  readonly julia?: Download;
  /** where packages of R come from; `{date}` stands for the day, or `latest`. Without it no package of R can be installed */
  readonly rRepository?: string;
}

export interface RenderedRecipe {
  readonly origin: RecipeOrigin;
  readonly generator: RecipeGenerator | null;
  readonly dockerfile: string;
  /** what the builder is given beside the Dockerfile, sorted by path */
  readonly context: readonly RecipeFile[];
  /** images that the build needs, each once, in the order of the file; stages and `scratch` are none */
  readonly bases: readonly string[];
  readonly warnings: readonly RecipeWarning[];
}

const GENERATOR: RecipeGenerator = { name: 'envarium', version: '1', compat: 'repo2docker@808ae6bb' };

/** The same plan and options give the same bytes, on any machine and at any time. */
export function renderRecipe(plan: RecipePlan, options: RenderOptions): RenderedRecipe {
  return plan.origin === 'deposited' ? renderDeposited(plan) : renderGenerated(plan, options);
}

function renderDeposited({ reading, context, warnings }: DepositedPlan): RenderedRecipe {
  return {
    origin: 'deposited',
    generator: null,
    dockerfile: reading.text,
    context,
    bases: [...new Set(reading.bases.map(({ reference }) => reference))],
    warnings,
  };
}

function renderGenerated(plan: GeneratedPlan, options: RenderOptions): RenderedRecipe {
  const base = parseImageReference(options.base);
  if (base === null) throw recipeInvalid(null, null, 'The base is no valid image reference.');
  const log = new WarningLog();
  if (base.digest === null)
    log.add('mutable-base', `${options.base} names no digest; it can mean another image tomorrow.`);
  return {
    origin: 'generated',
    generator: GENERATOR,
    dockerfile: renderDockerfile(plan, options),
    context: contextOf(plan),
    bases: [options.base],
    warnings: [...plan.warnings, ...log.all],
  };
}

/** The deposit lies in `src`, what was made of its locks in `generated`: names cannot meet. */
function contextOf({ files, steps }: GeneratedPlan): RecipeFile[] {
  const programs = new Set(
    steps.flatMap((step) => (step.kind === 'post-build' || step.kind === 'start' ? step.file : [])),
  );
  const deposited = files.map(({ path, bytes, isExecutable }) => ({
    path: `src/${path}`,
    bytes,
    isExecutable: isExecutable || programs.has(path),
  }));
  const generated = steps.flatMap((step) => {
    if (step.kind !== 'pip' || step.generated === null) return [];
    const { name, text } = step.generated;
    return [{ path: `generated/${name}`, bytes: new TextEncoder().encode(text), isExecutable: false }];
  });
  return sortByPath([...deposited, ...generated]);
}
