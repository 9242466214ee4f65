import type { EnvironmentSpec, SpecProblem } from '@envarium/schema';
import { FormatError } from '../format.js';
import { limits } from '../limits.js';
import { ProblemLog } from '../problem-log.js';
import { emptySpec } from '../spec.js';
import { splitLines } from '../text.js';
import { INFO_MARK, readInfoBlocks } from './info-blocks.js';
import { hasDistTag, rpmPackage, vendorOf, type RpmFacts } from './rpm-package.js';
import { columnReader, readDnfRow, readNevraRow, type RowReader } from './table.js';

/** An architecture or a mark of a distribution: a cheap test before lines are read. */
const MAY_BE =
  /[.\s|;,](?:noarch|x86_64|i[3-6]86|aarch64|armv\w{1,6}|ppc64(?:le)?|s390x?|riscv64|ia64|\(none\))(?:[\s|;,]|\.rpm|$)|[.](?:el|fc|mga|amzn|oe|cm|azl)\d/m;
const HINT = /(?:^|[/\-_.])rpms?(?:[-_.]|$)/i;
/** What yum and dnf write around their table. */
const HEADING =
  /^(?:Installed|Available|Extra|Updated) Packages\s*$|^(?:Loaded plugins|Last metadata expiration|Loading mirror)/;
const NOT_INSTALLED = /^(?:Available|Updated) Packages\s*$/;
/** A row whose name is too long for its column goes on in the next line. */
const HALF_ROW = /^\S+\.\S+$/;
const READERS: readonly RowReader[] = [
  readNevraRow,
  readDnfRow,
  columnReader(/\t/),
  columnReader(/\|/),
  columnReader(/;/),
  columnReader(/,/),
  // Words of a sentence are columns, too: no more of them than name, epoch, version, release and architecture.
  columnReader(/\s+/, 5),
];
/** Rows by which the kind of a listing is told. */
const SAMPLE = 40;

interface Listing {
  readonly packages: readonly RpmFacts[];
  readonly problems: readonly SpecProblem[];
}

export function extract(content: string, path: string): EnvironmentSpec | null {
  if (INFO_MARK.test(content)) return toSpec({ packages: readInfoBlocks(splitLines(content)), problems: [] });
  if (!MAY_BE.test(content)) return null;
  const lines = splitLines(content);
  const reader = readerOf(lines);
  if (reader === null) return null;
  const listing = readRows(lines, reader);
  return listing.packages.length > 0 && isConvincing(listing, path) ? toSpec(listing) : null;
}

/** The reader that knows most of the first rows, and more than half of them. */
function readerOf(lines: readonly string[]): RowReader | null {
  const sample: string[] = [];
  for (const line of lines) {
    if (line.trim() !== '' && line.length <= limits.lineCharacters && !HEADING.test(line)) sample.push(line);
    if (sample.length === SAMPLE) break;
  }
  let best: RowReader | null = null;
  let most = sample.length / 2;
  for (const reader of READERS) {
    const known = sample.filter((line) => reader(line, 1) !== null).length;
    if (known > most) [best, most] = [reader, known];
  }
  return best;
}

function readRows(lines: readonly string[], reader: RowReader): Listing {
  const packages: RpmFacts[] = [];
  const problems = new ProblemLog();
  let isInstalled = true;
  let half = '';
  for (const [index, content] of lines.entries()) {
    const line = index + 1;
    if (HEADING.test(content)) {
      isInstalled = !NOT_INSTALLED.test(content);
      continue;
    }
    if (content.trim() === '') continue;
    const isTooLong = content.length > limits.lineCharacters;
    const facts = isTooLong ? null : reader(half === '' ? content : `${half} ${content}`, line);
    half = facts === null && half === '' && reader === readDnfRow && HALF_ROW.test(content) ? content : '';
    if (facts !== null) packages.push(isInstalled ? facts : { ...facts, isInstalled });
    else if (half === '')
      problems.add({ reason: 'syntax-invalid', message: 'The line is no row of the listing.', line });
    if (packages.length > limits.packages) {
      throw new FormatError('limit-exceeded', `A package listing is read up to ${limits.packages} packages.`);
    }
  }
  return { packages, problems: problems.toProblems() };
}

/** Words with hyphens are no rare thing: most rows must name an architecture or a distribution, or the file its kind. */
function isConvincing({ packages, problems }: Listing, path: string): boolean {
  const marked = packages.filter(
    ({ architecture, release }) => architecture !== null || (release !== null && hasDistTag(release)),
  );
  if (problems.length > packages.length) return false;
  return marked.length > packages.length / 2 || (marked.length > 0 && HINT.test(path));
}

function toSpec({ packages, problems }: Listing): EnvironmentSpec {
  if (packages.length > limits.packages) {
    throw new FormatError('limit-exceeded', `A package listing is read up to ${limits.packages} packages.`);
  }
  const spec = emptySpec('rpm-list', 'host');
  const vendor = vendorOf(packages);
  for (const facts of packages) spec.packages.push(rpmPackage(facts, vendor));
  spec.problems = [...problems];
  return spec;
}
