import type { EnvironmentSpec } from '@envarium/schema';
import { FormatError } from '../format.js';
import { limits } from '../limits.js';
import { ProblemLog } from '../problem-log.js';
import { headOf, listsIn, parseSExpressions, type Datum, type ListDatum } from '../s-expression.js';
import { emptySpec } from '../spec.js';
import { readProfile } from './profile.js';
import { SpecificationReader } from './specifications.js';

const MAY_BE =
  /\((?:specifications->manifest|packages->manifest|concatenate-manifests|package->development-manifest|specification->package(?:\+output)?)[\s)]|\(map\s+specification->package|\(manifest\s+\(version\s+\d/;
const MOST_CHARACTERS = 2 * 1024 * 1024;

/** Reads what is certain of a manifest without evaluating it, and the manifest of an installed profile. */
export function extract(content: string): EnvironmentSpec | null {
  if (!MAY_BE.test(content) || !/^\s*(?:[(;'`]|#[|!;])/.test(content)) return null;
  if (content.length > MOST_CHARACTERS) {
    throw new FormatError('limit-exceeded', `A Scheme file is read up to ${MOST_CHARACTERS} characters.`);
  }
  const data = parseSExpressions(content);
  const spec = emptySpec('guix-manifest', 'host');
  const profile = data.find(isProfile);
  if (profile !== undefined) spec.packages = readProfile(profile);
  else readProgram(data, spec);
  if (spec.packages.length > limits.packages) {
    throw new FormatError('limit-exceeded', `A manifest is read up to ${limits.packages} packages.`);
  }
  return spec;
}

function isProfile(datum: Datum): boolean {
  return (
    headOf(datum) === 'manifest' && datum.kind === 'list' && datum.items.some((item) => headOf(item) === 'packages')
  );
}

/** Its package is not part of the environment, only what that is built with. */
function isDevelopment(list: ListDatum): boolean {
  return headOf(list) === 'package->development-manifest';
}

function readProgram(data: readonly Datum[], spec: EnvironmentSpec): void {
  const problems = new ProblemLog();
  const reader = new SpecificationReader(data, problems);
  for (const list of listsIn(data, isDevelopment)) reader.readForm(list);
  spec.packages = reader.packages;
  if (spec.packages.some(({ version }) => version === null)) {
    const message = 'The versions follow from the commits of the channels: keep channels.scm with the manifest.';
    problems.add({ reason: 'no-version', message, line: null });
  }
  spec.problems = problems.toProblems();
}
