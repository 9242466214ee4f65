import { R_NAME, R_VERSION } from '../r-description/dependency.js';
import { specPackage } from '../spec.js';
import { sourceOf } from './package-source.js';
import { addFact, addR, addVariable, type ReportLine, type Session } from './session.js';

const RULE = /^[─━\-═]{1,3} (?<title>[A-Z].*?) [─━\-═]{3,}\s*$|^(?<old>(?:Session info|Packages)) ?[─━\-═]{3,}\s*$/;
const SETTING = /^ ?(?<name>[A-Za-z_]+) +(?<value>\S.*)$/;
/** The first column holds flags (V: the library has another version, P: another path, ...) where there are any. */
const HEADER = /^ ?(?<flags>! +)?package +(?:\* +)?(?:loadedversion|ondiskversion|version)\b.*\bsource\s*$/;
const ROW =
  /^(?<name>[A-Za-z][\w.]*) +(?<star>\* +)?(?<version>\S+) +(?<date>\d{4}-\d{2}-\d{2}|<?NA>?) +(?:\[(?:\d+|\?)\] +)?(?<source>\S.*)$/;
const FLAGS = /^[A-Z]{1,4} +(?=\S)/;
/** `[1] /usr/lib/R/library`, the libraries below the table */
const LIBRARY = /^ ?(?:\[\d+\]|[A-Z] ──|\* ──) /;

/** What sessioninfo::session_info() and, before it, devtools::session_info() write: two tables under rules. */
export function readTableLayout(lines: readonly ReportLine[], session: Session): void {
  let title = '';
  let table: { hasFlags: boolean } | null = null;
  let reports = 0;
  for (const { text, line } of lines) {
    const rule = RULE.exec(text)?.groups;
    if (rule !== undefined) {
      title = (rule['title'] ?? rule['old'] ?? '').toLowerCase();
      table = null;
      reports += title.startsWith('session info') ? 1 : 0;
      if (reports > 1) {
        session.problems.add({ reason: 'unsupported-option', message: 'Only the first report is read.', line });
        return;
      }
      continue;
    }
    const header = HEADER.exec(text)?.groups;
    if (header !== undefined && title.startsWith('packages')) table = { hasFlags: header['flags'] !== undefined };
    else if (title.startsWith('session info') || title.startsWith('external software'))
      readSetting(text, line, session);
    else if (table !== null && text.trim() === '') table = null;
    else if (table !== null && !LIBRARY.test(text)) readRow(text, line, table.hasFlags, session);
  }
}

function readSetting(text: string, line: number, session: Session): void {
  const { name, value = '' } = SETTING.exec(text)?.groups ?? {};
  switch (name) {
    case 'version':
      addR(session, value, line);
      return;
    case 'os':
      return addFact(session, 'os', value, line);
    case 'system':
      return addFact(session, 'platform', value, line);
    case 'BLAS':
      return addFact(session, 'blas', value, line);
    case 'lapack':
      return addFact(session, 'lapack', value, line);
    case 'collate':
      return addVariable(session, 'LC_COLLATE', value);
    case 'ctype':
      return addVariable(session, 'LC_CTYPE', value);
    case 'tz':
      return addVariable(session, 'TZ', value);
    default:
      return undefined;
  }
}

function readRow(text: string, line: number, hasFlags: boolean, session: Session): void {
  const unindented = text.trimStart();
  const fields =
    ROW.exec(unindented)?.groups ?? (hasFlags ? ROW.exec(unindented.replace(FLAGS, ''))?.groups : undefined);
  const { name, star, version = '', source = '' } = fields ?? {};
  if (name === undefined || !R_NAME.test(name)) {
    session.problems.add({ reason: 'syntax-invalid', message: 'The line is no row of the table of packages.', line });
    return;
  }
  const isMissing = /^<?NA>?$/.test(version);
  const isVersion = R_VERSION.test(version);
  const origin = sourceOf(source, name, isVersion ? version : null);
  if (origin.hadCredentials) session.spec.secrets.push({ kind: 'url-credentials', line });
  session.spec.packages.push(
    specPackage({
      ecosystem: 'cran',
      name,
      version: isVersion ? version : null,
      specifier: isVersion || isMissing ? null : version,
      standing: 'observed',
      purl: origin.purl,
      source: origin.source,
      group: star === undefined ? 'loaded' : 'attached',
      line,
      skipReason: isMissing ? 'no-version' : isVersion ? origin.skipReason : 'version-invalid',
    }),
  );
}
