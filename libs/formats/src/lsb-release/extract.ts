import type { EnvironmentSpec } from '@envarium/schema';
import { ProblemLog } from '../problem-log.js';
import { readShellWord } from '../shell-word.js';
import { emptySpec } from '../spec.js';
import { splitLines } from '../text.js';

type Field = 'id' | 'name' | 'release' | 'codename';

/** Labels that the command prints, and fields of the file that it reads. */
const LABELS: ReadonlyMap<string, Field | null> = new Map([
  ['Distributor ID', 'id'],
  ['Description', 'name'],
  ['Release', 'release'],
  ['Codename', 'codename'],
  ['LSB Version', null],
  ['DISTRIB_ID', 'id'],
  ['DISTRIB_DESCRIPTION', 'name'],
  ['DISTRIB_RELEASE', 'release'],
  ['DISTRIB_CODENAME', 'codename'],
  ['LSB_VERSION', null],
]);
const MAY_BE = /^(?:Distributor ID:|DISTRIB_ID=)/m;
const PRINTED = /^([A-Z][A-Za-z ]{1,30}):[ \t]+(.*)$/;
const ASSIGNED = /^([A-Z_]{1,30})=(.*)$/;
/** Blank lines, comments, the command itself, and what it says of modules to the error stream. */
const ASIDE = /^(?:\s*(?:#.*)?|No LSB modules are available\.|(?:.{0,80}[$#>] ?|\+ )?lsb_release(?: --?[a-z]+)*)$/;
/** What stands for no release: `rolling`, `testing`, `n/a`. */
const VERSION = /^\d[\w.+~-]*$/;
const MOST_CHARACTERS = 16 * 1024;

export function extract(content: string): EnvironmentSpec | null {
  if (content.length > MOST_CHARACTERS || !MAY_BE.test(content)) return null;
  const fields = new Map<Field, { readonly value: string; readonly line: number }>();
  const problems = new ProblemLog();
  for (const [index, text] of splitLines(content).entries()) {
    const line = index + 1;
    const read = fieldOf(text);
    if (read === null && !ASIDE.test(text)) {
      problems.add({ reason: 'syntax-invalid', message: 'The line names nothing of a release.', line });
    }
    if (read?.field != null && read.value !== '') fields.set(read.field, { value: read.value, line });
  }
  const id = fields.get('id');
  if (id === undefined) return null;
  const spec = emptySpec('lsb-release', 'host');
  const release = fields.get('release')?.value ?? null;
  const version = release !== null && VERSION.test(release) ? release : null;
  const wish = version === null ? (fields.get('codename')?.value ?? release) : null;
  // os-release, by which systems are compared, writes its ID so.
  const name = id.value.toLowerCase().replaceAll(/\s+/g, '-');
  spec.runtimes.push({ name, version, specifier: wish, line: id.line });
  spec.system = { id: name, versionId: version, name: fields.get('name')?.value ?? null, line: id.line };
  spec.problems = problems.toProblems();
  return spec;
}

function fieldOf(text: string): { field: Field | null; value: string } | null {
  const [, label = '', written = ''] = PRINTED.exec(text) ?? ASSIGNED.exec(text) ?? [];
  const field = LABELS.get(label);
  if (field === undefined) return null;
  if (text.charAt(label.length) === ':') return { field, value: written.trim() };
  const word = readShellWord(written);
  return word.isClosed ? { field, value: word.text } : null;
}
