import { limits } from '../limits.js';
import { R_NAME, R_VERSION } from '../r-description/dependency.js';
import { specPackage } from '../spec.js';
import { addFact, addR, addVariable, R_LINE, type ReportLine, type Session } from './session.js';

type Section = 'locale' | 'base' | 'attached' | 'loaded';

const SECTIONS: ReadonlyMap<string, Section> = new Map([
  ['locale:', 'locale'],
  ['attached base packages:', 'base'],
  ['other attached packages:', 'attached'],
  ['loaded via a namespace (and not attached):', 'loaded'],
]);
const FACT = /^(Platform|Running under|BLAS|LAPACK|BLAS\/LAPACK|Matrix products|time zone): *(.*)$/;
const LAPACK_VERSION = /;\s*LAPACK version (\d+(?:\.\d+)+)\s*$/;
const INDEXED = /^\s*\[\d+\]\s+(.*)$/;
const CATEGORY = /^(LC_[A-Z]+)=(.*)$/;

/** What print(sessionInfo()) writes: headings, and vectors with `[1]` before each line. */
export function readBaseLayout(lines: readonly ReportLine[], session: Session): void {
  let section: Section | null = null;
  let isInside = false;
  for (const { text, line } of lines) {
    if (R_LINE.test(text)) {
      if (isInside && session.spec.packages.length > 0) {
        session.problems.add({ reason: 'unsupported-option', message: 'Only the first report is read.', line });
        break;
      }
      session.spec.runtimes.length = 0;
      isInside = addR(session, text, line);
      continue;
    }
    if (!isInside) continue;
    const heading = SECTIONS.get(text.trim());
    if (heading !== undefined) section = heading;
    else if (text.trim() === '') section = null;
    else if (section === null) readFact(text, line, session);
    else readSection(section, text, line, session);
  }
  addDefaultBlas(session);
}

function readFact(text: string, line: number, session: Session): void {
  const [, fact, value = ''] = FACT.exec(text) ?? [];
  switch (fact) {
    case 'Platform':
      return addFact(session, 'platform', value, line);
    case 'Running under':
      return addFact(session, 'os', value, line);
    case 'Matrix products':
      return addFact(session, 'matrix-products', value, line);
    case 'BLAS':
      return addFact(session, 'blas', value, line);
    case 'LAPACK':
      return addLapack(value, line, session);
    case 'BLAS/LAPACK':
      addFact(session, 'blas', value.replace(LAPACK_VERSION, ''), line);
      return addLapack(value, line, session);
    case 'time zone':
      return addVariable(session, 'TZ', value);
    default:
      return undefined;
  }
}

/** From R 4.3 on the version stands behind the path. */
function addLapack(value: string, line: number, session: Session): void {
  const version = LAPACK_VERSION.exec(value)?.[1] ?? null;
  addFact(session, 'lapack', value.replace(LAPACK_VERSION, ''), line, version);
}

/** Without a BLAS line (as on Windows) R computes with its own: that is what `default` says. */
function addDefaultBlas({ spec }: Session): void {
  const index = spec.runtimes.findIndex(({ name }) => name === 'matrix-products');
  if (index === -1) return;
  const [products] = spec.runtimes.splice(index, 1);
  if (products === undefined || spec.runtimes.some(({ name }) => name === 'blas')) return;
  spec.runtimes.push({ ...products, name: 'blas' });
}

function readSection(section: Section, text: string, line: number, session: Session): void {
  const [, items] = INDEXED.exec(text) ?? [];
  if (section === 'locale') return readLocale(items ?? text, session);
  // Packages of R itself have no version of their own.
  if (section === 'base') return;
  if (items === undefined) {
    session.problems.add({ reason: 'syntax-invalid', message: 'The line is no part of the list of packages.', line });
    return;
  }
  if (session.spec.packages.length > limits.packages) return;
  for (const item of items.split(/\s+/)) if (item !== '') readPackage(item, section, line, session);
}

/** Values may hold blanks (`English_United Kingdom.utf8`); before R 3 the categories stood in one line with semicolons. */
function readLocale(items: string, session: Session): void {
  for (const item of items.split(/(?<!\s)\s+(?=LC_[A-Z]+=)|;/)) {
    const [, name, value = ''] = CATEGORY.exec(item.trim()) ?? [];
    if (name !== undefined) addVariable(session, name, value);
  }
}

function readPackage(item: string, group: 'attached' | 'loaded', line: number, session: Session): void {
  const cut = item.lastIndexOf('_');
  const name = item.slice(0, cut);
  const version = item.slice(cut + 1);
  if (cut === -1 || !R_NAME.test(name)) {
    const message = `${item.slice(0, 80)} is no "package_version".`;
    session.problems.add({ reason: 'syntax-invalid', message, line });
    return;
  }
  const isVersion = R_VERSION.test(version);
  session.spec.packages.push(
    specPackage({
      ecosystem: 'cran',
      name,
      version: isVersion ? version : null,
      specifier: isVersion ? null : version,
      standing: 'observed',
      group,
      line,
      skipReason: isVersion ? null : 'version-invalid',
    }),
  );
}
