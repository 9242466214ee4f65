import type { EnvironmentSpec } from '@envarium/schema';
import { parseImageReference } from '../dockerfile/image-reference.js';
import { FormatError } from '../format.js';
import { limits } from '../limits.js';
import { emptySpec } from '../spec.js';
import { splitLines } from '../text.js';

export const FILE_NAME = /(?:^|[^a-z])runtime\.txt$/i;

const RUNTIME = /^(?<name>[a-z]+)-(?<rest>(?<version>\d+(?:\.\d+)*)?(?:(?:^|-)?(?<date>\d{4}-\d{2}-\d{2}))?)$/;
const IMAGE = /^oci-image:(?<reference>\S+)$/;
const KNOWN: ReadonlySet<string> = new Set(['python', 'r']);
/** Fewer parts are the beginning of a version: the newest that begins so is taken. */
const WHOLE = /^\d+\.\d+\.\d+$/;
const FAR = 3;

/** https://repo2docker.readthedocs.io/en/latest/configuration/python/#runtime-txt-specifying-the-python-version */
export function extract(content: string, path: string): EnvironmentSpec | null {
  const isNamed = FILE_NAME.test(path);
  const lines = splitLines(content.slice(0, limits.lineCharacters))
    .map((text, index) => ({ text: text.trim(), line: index + 1 }))
    .filter(({ text }) => text !== '');
  const [first, second] = lines;
  if (first === undefined || lines.length > FAR) return null;
  const { text, line } = first;
  const image = IMAGE.exec(text)?.groups?.['reference'];
  const runtime = RUNTIME.exec(text)?.groups;
  if (!isNamed && (second !== undefined || !KNOWN.has(runtime?.['name'] ?? ''))) return null;

  const spec = emptySpec('runtime-txt', 'language');
  if (image !== undefined) readImage(image, line, spec);
  else if (runtime?.['rest']) readRuntime(runtime, line, spec);
  else
    throw new FormatError(
      'syntax-invalid',
      'The line names no runtime, such as python-3.11 or r-4.3-2024-01-10.',
      line,
    );
  if (second !== undefined) {
    const message = 'There may be one line: repo2docker takes the file for one word.';
    spec.problems.push({ reason: 'syntax-invalid', message, line: second.line });
  }
  return spec;
}

/** A base image in place of the usual one, as the extended builds of some hubs take it. */
function readImage(reference: string, line: number, spec: EnvironmentSpec): void {
  const image = parseImageReference(reference);
  if (image === null) throw new FormatError('syntax-invalid', 'The image is named by no reference.', line);
  spec.baseImages.push({ reference, digest: image.digest, platform: null, stage: null, line });
}

function readRuntime(groups: Readonly<Record<string, string>>, line: number, spec: EnvironmentSpec): void {
  const { name = '', rest = '', version = '', date } = groups;
  if (!KNOWN.has(name)) {
    const message = `The runtime ${name.slice(0, 20)} is not known to repo2docker.`;
    spec.problems.push({ reason: 'unsupported-installer', message, line });
  }
  // The day names a snapshot of packages; it is part of what is asked for.
  if (date !== undefined && !isDay(date)) {
    spec.problems.push({ reason: 'syntax-invalid', message: `${date} is no day.`, line });
  }
  const isWhole = WHOLE.test(version);
  spec.runtimes.push({
    name,
    version: isWhole ? version : null,
    specifier: rest === version && isWhole ? null : rest,
    line,
  });
}

/** A day of the calendar, yyyy-mm-dd. */
function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
