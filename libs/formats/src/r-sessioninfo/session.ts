import type { EnvironmentSpec } from '@envarium/schema';
import type { ProblemLog } from '../problem-log.js';

/** A line of the report, without the comment marks that knitr and reprex put before it. */
export interface ReportLine {
  readonly text: string;
  readonly line: number;
}

/** What the readers of both layouts write to. */
export interface Session {
  readonly spec: EnvironmentSpec;
  readonly problems: ProblemLog;
}

/** `R version 4.3.1 (2023-06-16)`, `R version 4.3.1 Patched (...)`, `R Under development (unstable) (... r84000)` */
export const R_LINE = /^R (?:version (?<version>\d+\.\d+\.\d+)|Under development)\b(?<rest>.*)$/;
const HOME = /^(?:\/(?:home|Users)|[A-Za-z]:[\\/]Users)[\\/][^\\/]+/;

export function addR(session: Session, text: string, line: number): boolean {
  const match = R_LINE.exec(text);
  if (match === null) return false;
  const version = match.groups?.['version'];
  // A patched or development version has no number that would be its own.
  const isReleased = version !== undefined && /^ \(\d{4}-/.test(match.groups?.['rest'] ?? '');
  session.spec.runtimes.push({ name: 'r', version: isReleased ? version : null, specifier: text.trim(), line });
  return true;
}

/** A fact of the machine without a version that would compare. The user's name in a path is nobody's business. */
export function addFact(
  session: Session,
  name: string,
  value: string,
  line: number,
  version: string | null = null,
): void {
  const specifier = value.trim().replace(HOME, '~');
  if (specifier !== '') session.spec.runtimes.push({ name, version, specifier, line });
}

export function addVariable(session: Session, name: string, value: string): void {
  session.spec.variables.push({ name, value: value.trim() });
}
