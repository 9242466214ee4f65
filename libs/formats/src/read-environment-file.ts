import type { EnvironmentSpec, SpecProblem } from '@envarium/schema';
import { FormatError } from './format.js';
import { formats } from './formats.js';
import { limits } from './limits.js';
import { ProblemLog } from './problem-log.js';
import { decodeText, type DecodedText } from './text.js';

/** What one deposited file says. The bytes are kept either way; a file that is not understood is a result, no failure. */
export type FileReading =
  | { outcome: 'understood'; format: string; encoding: string; spec: EnvironmentSpec }
  | { outcome: 'not-understood'; format: string | null; problem: SpecProblem };

/**
 * Finds the format of a file by its content and reads it. Never throws.
 *
 * @param path path inside the deposit, `/` separated
 */
export function readEnvironmentFile(bytes: Uint8Array, path: string): FileReading {
  if (bytes.byteLength > limits.fileBytes) {
    return notUnderstood(null, 'limit-exceeded', `A file is read up to ${limits.fileBytes} bytes.`);
  }
  const decoded = decode(bytes);
  if (decoded instanceof FormatError) return refused(null, decoded);
  for (const { id, isUtf8Only = false, extract } of formats) {
    const spec = attempt(() => extract(decoded.text, path));
    if (spec === null) continue;
    if (spec instanceof FormatError) return refused(id, spec);
    if (spec.packages.length > limits.packages) {
      return notUnderstood(id, 'limit-exceeded', `A file is read up to ${limits.packages} packages.`);
    }
    const problems = new ProblemLog();
    if (isUtf8Only && decoded.encoding !== 'utf-8') {
      const message = `The format is UTF-8; the file was read as ${decoded.encoding}.`;
      problems.add({ reason: 'encoding-invalid', message, line: null });
    }
    for (const problem of spec.problems) problems.add(problem);
    return {
      outcome: 'understood',
      format: id,
      encoding: decoded.encoding,
      spec: { ...spec, problems: problems.toProblems() },
    };
  }
  return notUnderstood(null, 'syntax-invalid', 'The content is of no format that is read here.');
}

function decode(bytes: Uint8Array): DecodedText | FormatError {
  return attempt(() => decodeText(bytes));
}

/** A reader that fails on a file must not take the other files of a deposit with it. */
function attempt<T>(read: () => T): T | FormatError {
  try {
    return read();
  } catch (error) {
    if (error instanceof FormatError) return error;
    return new FormatError('syntax-invalid', 'The file cannot be read.', null, { cause: error });
  }
}

function refused(format: string | null, { reason, message, line }: FormatError): FileReading {
  return { outcome: 'not-understood', format, problem: { reason, message, line } };
}

function notUnderstood(format: string | null, reason: SpecProblem['reason'], message: string): FileReading {
  return { outcome: 'not-understood', format, problem: { reason, message, line: null } };
}
