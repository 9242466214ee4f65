import type { EnvironmentSpec } from '@envarium/schema';
import { noteCredentials, readCondaDependencies } from '../conda-environment/dependencies.js';
import { isSubdir } from '../conda-environment/match-spec.js';
import { limits } from '../limits.js';
import { emptySpec } from '../spec.js';
import { splitLines } from '../text.js';
import { addInstalled } from './installed.js';
import { readJsonList } from './json-list.js';

/** `conda list` and mamba 1 name the columns in a comment; mamba 2 says what follows. */
const TABLE = /^# Name +Version +Build\b|^List of packages in environment: /m;
/** The header of `conda list --export`, without that of `--explicit`. */
const EXPORT = /^# \$ conda create --name <env> --file <this file>[ \t]*\r?$/m;
const EXPLICIT = /^[ \t]*@EXPLICIT[ \t]*\r?$/m;
/** name=version=build. Names are in lower case, which those of variables mostly are not. */
const EXPORTED = /^[a-z0-9_][a-z0-9_.-]*=[A-Za-z0-9!_.+]*\d[A-Za-z0-9!_.+]*=[A-Za-z0-9_.+]+$/;
interface NumberedLine {
  readonly text: string;
  readonly line: number;
}

/**
 * Reads what conda prints of an environment: the table of `conda list`, `conda list --export` and `conda list --json`.
 * https://docs.conda.io/projects/conda/en/stable/commands/list.html
 */
export function extract(content: string): EnvironmentSpec | null {
  if (/^\s*\[/.test(content)) return readJsonList(content);
  if (EXPLICIT.test(content)) return null;
  if (TABLE.test(content)) return readTable(numbered(content));
  const lines = numbered(content).filter(({ text }) => !text.startsWith('#'));
  const isExport = EXPORT.test(content) || (lines.length > 1 && lines.every(({ text }) => EXPORTED.test(text)));
  return isExport ? readExport(lines) : null;
}

function numbered(content: string): NumberedLine[] {
  return splitLines(content).flatMap((raw, index) => {
    const text = raw.trim();
    return text === '' ? [] : [{ text, line: index + 1 }];
  });
}

/** What is fixed was installed when the list was made. */
function readExport(lines: readonly NumberedLine[]): EnvironmentSpec {
  const spec = emptySpec('conda-list', 'language');
  const entries = lines.flatMap(({ text, line }) =>
    isShort(text, line, spec) ? [{ text, line, selector: null }] : [],
  );
  readCondaDependencies(entries, spec, 'observed');
  return spec;
}

function readTable(lines: readonly NumberedLine[]): EnvironmentSpec {
  const spec = emptySpec('conda-list', 'language');
  for (const { text, line } of lines) {
    // Titles and the rule below them.
    if (/^#|^List of packages |^Name +Version\b|^[-\u2500-\u257f ]+$/.test(text)) continue;
    if (isShort(text, line, spec)) readRow(text.split(/ +/), line, spec);
  }
  return spec;
}

/** The channel is empty for the default channels. */
function readRow(columns: readonly string[], line: number, spec: EnvironmentSpec): void {
  const [name = '', version = '', build = '', place = null] = columns;
  const isRow = columns.length === 3 || columns.length === 4;
  const { channel, subdir } = splitPlace(place === null ? null : noteCredentials(place, line, spec));
  if (isRow && addInstalled({ name, version, build, channel, subdir, line }, spec)) return;
  spec.problems.push({ reason: 'syntax-invalid', message: 'The line is no row of the table.', line });
}

/** Some versions of mamba print `conda-forge/linux-64`. */
function splitPlace(place: string | null): { channel: string | null; subdir: string | null } {
  const slash = place?.lastIndexOf('/') ?? -1;
  const last = place?.slice(slash + 1) ?? '';
  if (place === null || slash === -1 || !isSubdir(last)) return { channel: place, subdir: null };
  return { channel: place.slice(0, slash), subdir: last };
}

function isShort(text: string, line: number, spec: EnvironmentSpec): boolean {
  if (text.length <= limits.lineCharacters) return true;
  const message = `A line is read up to ${limits.lineCharacters} characters.`;
  spec.problems.push({ reason: 'limit-exceeded', message, line });
  return false;
}
