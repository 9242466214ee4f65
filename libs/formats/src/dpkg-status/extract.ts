import type { EnvironmentSpec, SpecProblem } from '@envarium/schema';
import { FormatError } from '../format.js';
import { limits } from '../limits.js';
import { ProblemLog } from '../problem-log.js';
import { emptySpec } from '../spec.js';
import { splitLines } from '../text.js';
import { debPackage, vendorOf, type DebFacts } from './deb-package.js';
import { FIELD, readParagraphs, type Paragraph } from './paragraphs.js';

/** Distroless images keep one file for each package here, without a Status field. */
const STATUS_FOLDER = /(?:^|\/)dpkg\/status\.d\//;

const PACKAGE = /^Package:/im;
/** Wish, flag, state. Only dpkg and its like write it; control files and package indexes have none. */
const STATUS = /^Status:[ \t]*[a-z]+ (?:ok|reinstreq|hold|hold-reinstreq) [a-z-]+[ \t]*\r?$/im;
const NO_CONTENT = /^\s*(?:#|$)/;
/**
 * States in which the files are in place and configured; the others leave a package unusable.
 * https://manpages.debian.org/dpkg.1#Package_states
 */
const INSTALLED_STATES: readonly string[] = ['installed', 'triggers-awaited', 'triggers-pending'];

export function extract(content: string, path: string): EnvironmentSpec | null {
  if (!PACKAGE.test(content) || !(STATUS.test(content) || STATUS_FOLDER.test(path))) return null;
  const lines = splitLines(content);
  // The readers of this syntax give up on a file whose first line is no field.
  const first = lines.find((line) => !NO_CONTENT.test(line));
  if (first === undefined || !FIELD.test(first)) return null;

  const spec = emptySpec('dpkg-status', 'host');
  const problems = new ProblemLog();
  const paragraphs = readParagraphs(lines, problems);
  if (paragraphs.length > limits.packages) {
    throw new FormatError('limit-exceeded', `A dpkg status file is read up to ${limits.packages} packages.`);
  }
  const listed: DebFacts[] = [];
  for (const paragraph of paragraphs) {
    const read = readParagraph(paragraph);
    if ('reason' in read) problems.add(read);
    else listed.push(read);
  }
  const vendor = vendorOf(listed);
  for (const facts of listed) spec.packages.push(debPackage(facts, vendor));
  spec.problems = problems.toProblems();
  return spec;
}

function readParagraph(paragraph: Paragraph): DebFacts | SpecProblem {
  const name = paragraph.get('package');
  if (name === undefined || name.value === '') {
    const [first] = paragraph.values();
    return {
      reason: 'name-invalid',
      message: 'The paragraph names no package.',
      line: name?.line ?? first?.line ?? null,
    };
  }
  const status = paragraph.get('status')?.value.split(/\s+/);
  return {
    name: name.value,
    version: textOf(paragraph, 'version'),
    architecture: textOf(paragraph, 'architecture'),
    source: textOf(paragraph, 'source'),
    isInstalled: status === undefined || INSTALLED_STATES.includes(status[2] ?? ''),
    isNameWhole: true,
    isVersionWhole: true,
    line: name.line,
  };
}

function textOf(paragraph: Paragraph, field: string): string | null {
  const value = paragraph.get(field)?.value;
  return value === undefined || value === '' ? null : value;
}
