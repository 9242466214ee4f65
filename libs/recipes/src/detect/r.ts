import { splitLines } from '@envarium/formats';
import { recipeInvalid, recipeRefused } from '../refusal.js';
import type { PlanBuilder } from './plan-builder.js';
import type { RuntimeRequest } from './runtime-file.js';

/** Before this day no dated copy of CRAN is to be had: the service that kept them ended. */
const FIRST_DAY = '2018-12-07';
const DEPENDENCY_FIELDS: ReadonlySet<string> = new Set(['Depends', 'Imports', 'LinkingTo', 'Suggests']);

/** install.R alone is no mark of R: it says neither which R nor of which day. renv.lock says both, and is one beyond repo2docker. */
export function findR(builder: PlanBuilder, runtime: RuntimeRequest | null): boolean {
  return runtime?.name === 'r' || findDescription(builder) !== null || builder.config('renv.lock') !== null;
}

export function addR(builder: PlanBuilder, runtime: RuntimeRequest | null): void {
  const { log, steps } = builder;
  builder.use('r');
  const asked = runtime?.name === 'r' ? runtime : null;
  if (asked?.version !== undefined && asked.version !== null) {
    builder.checkRuntime('r', asked.version, { file: asked.file, line: 1 });
  }
  if (asked?.date !== undefined && asked.date !== null && asked.date < FIRST_DAY) {
    throw recipeRefused(asked.file, 1, `Packages of R from before ${FIRST_DAY} are not to be had by their day.`);
  }
  const date = asked?.date ?? builder.options.date ?? null;
  const renv = builder.config('renv.lock');
  const script = builder.config('install.R');
  const description = findDescription(builder);
  if (description === null) builder.ignore(builder.root('DESCRIPTION'), 'it names no Package');
  const first = renv ?? script ?? description;
  if (date === null && first !== null) {
    log.add(
      'mutable-repository',
      'No day is named for the packages of R: those of the day of the build are taken.',
      first,
    );
  }
  if (renv !== null) addRenv(builder, renv, date);
  if (script !== null) {
    steps.push({ kind: 'r-script', file: script, date });
    log.add('unpinned-package', 'What the script installs is told only when it runs.', script);
  }
  if (description === null) return;
  const dependencies = readDescription(builder.tree.text(description), description);
  if (renv === null)
    log.addPackages('unpinned-package', dependencies, 'its version is the one of the day', description);
  steps.push({ kind: 'r-description', date });
}

function addRenv(builder: PlanBuilder, file: string, date: string | null): void {
  const spec = builder.read(file, 'renv-lock');
  const r = spec.runtimes.find(({ name }) => name === 'r');
  if (r?.version !== undefined && r.version !== null) builder.checkRuntime('r', r.version, { file, line: r.line });
  const open = spec.packages.filter(({ version }) => version === null);
  builder.log.addPackages('unpinned-package', open, 'its version is not fixed', file);
  builder.steps.push({ kind: 'renv', file, date });
}

/** Applications of Shiny have such a file, too, and are no package. */
function findDescription(builder: PlanBuilder): string | null {
  const file = builder.root('DESCRIPTION');
  return file !== null && /^Package:/m.test(builder.tree.text(file)) ? file : null;
}

/** Debian control format. https://cran.r-project.org/doc/manuals/r-release/R-exts.html#The-DESCRIPTION-file */
function readDescription(text: string, file: string): { name: string; line: number }[] {
  const dependencies: { name: string; line: number }[] = [];
  let field = '';
  for (const [index, content] of splitLines(text).entries()) {
    const line = index + 1;
    if (content.trim() === '') continue;
    const start = /^([A-Za-z][\w/@.-]*):(.*)$/.exec(content);
    if (start === null && !/^\s/.test(content))
      throw recipeInvalid(file, line, 'The line is no field of a DESCRIPTION.');
    if (start === null && field === '') throw recipeInvalid(file, line, 'The file begins in the middle of a field.');
    field = start?.[1] ?? field;
    if (!DEPENDENCY_FIELDS.has(field)) continue;
    for (const item of (start?.[2] ?? content).split(',')) {
      const name = /^\s*([A-Za-z][A-Za-z0-9.]*)/.exec(item)?.[1];
      if (name !== undefined && name !== 'R') dependencies.push({ name, line });
    }
  }
  return dependencies;
}
