import type { EnvironmentSpec } from '@envarium/schema';
import { FormatError } from '../format.js';
import { limits } from '../limits.js';
import { redactUrl } from '../redact.js';
import { noteScriptSecrets } from '../script-secrets.js';
import { emptySpec } from '../spec.js';
import { splitLines } from '../text.js';

const CONFIGURE = /^[ \t]*Vagrant(?:\.configure[ \t]*\(?[ \t]*["'][12]["'][ \t]*\)?|::Config\.run)[ \t]*(?:do|\{)/m;
const MOST_LINES = 20_000;
/** `config.vm.box = "..."`, with any name of the block's variable, and a comment at most behind it. */
const SETTING = /^[ \t]*\w+\.vm\.(box|box_version|box_url)[ \t]*=[ \t]*(.*)$/;
const LITERAL = /^(?:"([^"#\\]*)"|'([^'\\]*)')[ \t]*(?:#.*)?$/;
/** One version exactly: `1.2.3`, `= 1.2.3`. */
const EXACT = /^(?:=[ \t]*)?(\d[\w.-]*)$/;

/** Reads the boxes of a Vagrantfile, where they are written out. It is a Ruby program, and the rest of it stays opaque. */
export function extract(content: string): EnvironmentSpec | null {
  if (!CONFIGURE.test(content)) return null;
  const lines = splitLines(content);
  const longLine = lines.findIndex((line) => line.length > limits.lineCharacters);
  if (lines.length > MOST_LINES || longLine !== -1) {
    const message = `A Vagrantfile is read up to ${MOST_LINES} lines of ${limits.lineCharacters} characters.`;
    throw new FormatError('limit-exceeded', message, longLine === -1 ? null : longLine + 1);
  }
  const spec = emptySpec('vagrantfile', 'host');
  for (const [index, text] of lines.entries()) readSetting(text, index + 1, spec);
  noteScriptSecrets(lines, 1, spec);
  const start = lines.findIndex((line) => CONFIGURE.test(line));
  const message = 'The file is a program: only boxes that are written out are read.';
  spec.problems.push({ reason: 'dynamic-value', message, line: start === -1 ? null : start + 1 });
  return spec;
}

function readSetting(text: string, line: number, spec: EnvironmentSpec): void {
  const [, setting, written = ''] = SETTING.exec(text) ?? [];
  if (setting === undefined) return;
  const [, double, single] = LITERAL.exec(written.trim()) ?? [];
  const value = double ?? single;
  if (value === undefined || value === '') {
    spec.problems.push({ reason: 'dynamic-value', message: `The ${setting} is known only to the program.`, line });
  } else if (setting === 'box') {
    // An address, so that nobody takes the box for an image of a registry.
    spec.baseImages.push({ reference: `vagrant://${value}`, digest: null, platform: null, stage: null, line });
  } else if (setting === 'box_url') {
    spec.sources.push(redactUrl(value).url);
  } else readVersion(value, line, spec);
}

/** The version belongs to the box above it. */
function readVersion(value: string, line: number, spec: EnvironmentSpec): void {
  const version = EXACT.exec(value)?.[1];
  const box = spec.baseImages.at(-1);
  if (version === undefined || box === undefined || box.reference.includes('@')) {
    spec.problems.push({ reason: 'version-range', message: `The version of the box is asked for as ${value}.`, line });
  } else box.reference += `@${version}`;
}
