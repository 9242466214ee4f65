import type { EnvironmentSpec } from '@envarium/schema';
import { emptySpec } from '../spec.js';
import { splitLines } from '../text.js';
import { parseUname } from './parse.js';

const MOST_CHARACTERS = 4096;
/** The command itself, copied along with its output. */
const PROMPT = /^(?:.{0,80}[$#>] ?|\+ )?uname(?: -[a-z]+| --[a-z-]+)*$/;

export function extract(content: string): EnvironmentSpec | null {
  if (content.length > MOST_CHARACTERS) return null;
  const lines = splitLines(content)
    .map((text, index) => ({ text: text.trim(), line: index + 1 }))
    .filter(({ text }) => text !== '' && !PROMPT.test(text));
  const [first, second] = lines;
  if (first === undefined || second !== undefined) return null;
  const uname = parseUname(first.text);
  if (uname === null) return null;
  const spec = emptySpec('uname', 'host');
  // The number in CYGWIN_NT-10.0 is that of Windows.
  const name = uname.kernel.replace(/_NT-.*$/, '').toLowerCase();
  const { release } = uname;
  spec.runtimes.push({ name, version: release, specifier: null, line: first.line });
  // Of Linux it is the kernel only; elsewhere kernel and system are released together.
  spec.system = { id: name, versionId: name === 'linux' ? null : release, name: null, line: first.line };
  if (release !== null) spec.kernel = { release, line: first.line };
  return spec;
}
