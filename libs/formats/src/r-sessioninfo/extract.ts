import type { EnvironmentSpec } from '@envarium/schema';
import { FormatError } from '../format.js';
import { limits } from '../limits.js';
import { ProblemLog } from '../problem-log.js';
import { emptySpec } from '../spec.js';
import { splitLines } from '../text.js';
import { readBaseLayout } from './base-layout.js';
import { numericsOf } from './numerics.js';
import type { ReportLine, Session } from './session.js';
import { readTableLayout } from './table-layout.js';

/** knitr writes output as comments, `## ` or `#> `. */
const PREFIX = /^[ \t]*#[#>][ \t]?/;
const R_MARK = /^(?:[ \t]*#[#>][ \t]?)?R (?:version \d|Under development)/m;
const BASE_MARK = /^(?:[ \t]*#[#>][ \t]?)?(?:attached base packages:|other attached packages:|loaded via a namespace)/m;
const TABLE_MARK = /^(?:[ \t]*#[#>][ \t]?)?(?:[─━\-═]{1,3} )?Session info ?[─━\-═ ]{3,}/m;
const SETTING_MARK = /^(?:[ \t]*#[#>][ \t]?)?[ \t]*setting[ \t]+value[ \t]*\r?$/m;

export function extract(content: string): EnvironmentSpec | null {
  const isTable = TABLE_MARK.test(content) && SETTING_MARK.test(content);
  if (!isTable && !(R_MARK.test(content) && BASE_MARK.test(content))) return null;
  const session: Session = { spec: emptySpec('r-sessioninfo', 'language'), problems: new ProblemLog() };
  const lines = linesOf(content, session.problems);
  if (isTable) readTableLayout(lines, session);
  else readBaseLayout(lines, session);
  const { spec } = session;
  if (spec.packages.length > limits.packages) {
    throw new FormatError('limit-exceeded', `A report is read up to ${limits.packages} packages.`);
  }
  const numerics = numericsOf(spec);
  if (numerics !== null) spec.numerics = [numerics];
  spec.problems = session.problems.toProblems();
  return spec;
}

function linesOf(content: string, problems: ProblemLog): ReportLine[] {
  return splitLines(content).flatMap((written, index) => {
    const line = index + 1;
    if (written.length > limits.lineCharacters) {
      problems.add({ reason: 'limit-exceeded', message: 'The line is too long to be read.', line });
      return [];
    }
    return [{ text: written.replace(PREFIX, '').trimEnd(), line }];
  });
}
