import type { EnvironmentSpec } from '@envarium/schema';
import { debPackage, DEB_NAME, vendorOf, type DebFacts } from '../dpkg-status/deb-package.js';
import { FormatError } from '../format.js';
import { limits } from '../limits.js';
import { ProblemLog } from '../problem-log.js';
import { emptySpec } from '../spec.js';
import { splitLines } from '../text.js';
import { readQueryOutput, type Listing } from './query-output.js';
import { parseRow, parseRule, type Columns, type Row } from './table.js';

/** A rule, a row or two columns: a cheap test before lines are split. */
const MAY_BE = /^(?:\+\+\+-=|[uihrp?][A-Za-z?][ \tRX#?]|[0-9a-z][0-9a-z+.:-]+\t)/m;
/** Localized, so told by shape: `Desired=Unknown/Install/...`, `| Status=Not/Inst/...`, `||/ Name`. */
const HEADING = /^(?:\||[^\s=]+=[^\s/]+\/)/;
const HEADING_LINES = 4;
/** Architectures of Debian and its ports, https://wiki.debian.org/SupportedArchitectures */
const ARCHITECTURE =
  /^(?:all|amd64|arm64|armel|armhf|i386|mips(?:64)?(?:el)?|ppc64(?:el)?|powerpc|riscv64|s390x?|alpha|arm|hppa|ia64|loong64|m68k|sh4|sparc(?:64)?|x32|hurd-(?:amd64|i386)|kfreebsd-(?:amd64|i386))$/;
/** `i`: installed; `W`, `t`: configured, a trigger is still to run. The first letter is only a wish. */
const INSTALLED_STATE = /^.[iWt]/;

export function extract(content: string, path: string): EnvironmentSpec | null {
  if (!MAY_BE.test(content)) return null;
  const lines = splitLines(content);
  const listing = readTable(lines) ?? readBareRows(lines) ?? readQueryOutput(lines, path);
  if (listing === null) return null;
  if (listing.packages.length > limits.packages) {
    throw new FormatError('limit-exceeded', `A package listing is read up to ${limits.packages} packages.`);
  }
  const spec = emptySpec('dpkg-list', 'host');
  const vendor = vendorOf(listing.packages);
  for (const facts of listing.packages) spec.packages.push(debPackage(facts, vendor));
  spec.problems = [...listing.problems];
  return spec;
}

function readTable(lines: readonly string[]): Listing | null {
  const firstRule = lines.findIndex((line) => parseRule(line) !== null);
  if (firstRule === -1) return null;
  const packages: DebFacts[] = [];
  const problems = new ProblemLog();
  let columns: Columns | null = null;
  for (const [index, content] of lines.entries()) {
    const line = index + 1;
    const isHeading = HEADING.test(content) || (index < firstRule && index >= firstRule - HEADING_LINES);
    if (content.trim() === '' || isHeading) continue;
    const rule = parseRule(content);
    if (rule !== null) {
      columns = rule;
      continue;
    }
    const row = columns === null || content.length > limits.lineCharacters ? null : parseRow(content, columns);
    if (row === null) problems.add({ reason: 'syntax-invalid', message: 'The line is no row of the table.', line });
    else packages.push(factsOf(row, line));
  }
  return { packages, problems: problems.toProblems() };
}

/** Rows without their heading, `dpkg -l | grep ^ii`: every line must be one, with an architecture of Debian. */
function readBareRows(lines: readonly string[]): Listing | null {
  const packages: DebFacts[] = [];
  for (const [index, content] of lines.entries()) {
    if (content.trim() === '') continue;
    const row = content.length > limits.lineCharacters ? null : parseRow(content, null);
    if (row === null || !DEB_NAME.test(row.name.replace(/:.*$/, '')) || !ARCHITECTURE.test(row.architecture ?? '')) {
      return null;
    }
    packages.push(factsOf(row, index + 1));
  }
  return packages.length === 0 ? null : { packages, problems: [] };
}

function factsOf(row: Row, line: number): DebFacts {
  const { status, ...rest } = row;
  return { ...rest, source: null, isInstalled: INSTALLED_STATE.test(status), line };
}
