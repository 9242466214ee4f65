import type { EnvironmentSpec, SkipReason, Standing } from '@envarium/schema';
import { limits } from '../limits.js';
import { redactUrl } from '../redact.js';
import { addSource } from '../spec.js';
import { isArchivePath, isUrl, isVcsUrl, parseLink } from './link.js';
import { logicalLines, type SourceLine } from './logical-lines.js';
import { isMarker } from './marker.js';
import { parseOptions, type LineOption } from './options.js';
import { linkPackage, requirementPackage, type LineContext } from './packages.js';
import { parseRequirement } from './requirement.js';

/** What was found, so that a caller can judge whether the text is a requirements file at all. */
export interface LineCount {
  /** requirements and options that were understood */
  readonly understood: number;
  /** of these, lines that no list of words would have: a version, a URL, an option */
  readonly characteristic: number;
  readonly refused: number;
}

type Outcome = 'characteristic' | 'plain' | 'refused';

/** Options that change which files pip installs, and have no place in a spec. */
const SELECTING = /^--(?:no-index|no-binary|only-binary|prefer-binary|pre|global-option|config-settings?)$/;

const DIRECTORY = /^(?:\.{1,2}(?:$|\[)|\.{0,2}[/\\])/;

/**
 * Reads lines of a requirements file into `spec`. A line that is not understood becomes a problem; the others are kept.
 * `-r` and `-c` name files and are not followed; `${NAME}` is not expanded.
 *
 * @param pinned standing of requirements that are fixed: locked, or observed when the file says that it lists what was seen
 */
export function readRequirementLines(
  lines: readonly SourceLine[],
  spec: EnvironmentSpec,
  pinned: Extract<Standing, 'locked' | 'observed'>,
): LineCount {
  let understood = 0;
  let characteristic = 0;
  let refused = 0;
  for (const line of logicalLines(lines)) {
    const outcome = readLine(line, spec, pinned);
    if (outcome === 'refused') refused += 1;
    else understood += 1;
    if (outcome === 'characteristic') characteristic += 1;
  }
  return { understood, characteristic, refused };
}

function readLine({ text, line }: SourceLine, spec: EnvironmentSpec, pinned: 'locked' | 'observed'): Outcome {
  const refuse = (reason: SkipReason, message: string): 'refused' => {
    spec.problems.push({ reason, message, line });
    return 'refused';
  };
  if (text.length > limits.lineCharacters) {
    return refuse('limit-exceeded', `A line is read up to ${limits.lineCharacters} characters.`);
  }
  const { requirement, optionText } = splitLine(text);
  const options = parseOptions(optionText);
  if (options === null)
    return refuse('unsupported-option', 'pip does not take this line: it has an option unknown there.');
  const hashes = readHashes(options);
  if (hashes === null)
    return refuse('syntax-invalid', 'A --hash is not written as sha256:, sha384: or sha512: and hex digits.');
  noteSelectingOptions(options, spec, line);

  const context: LineContext = { spec, line, pinned, hashes };
  if (requirement === '') return readOptions(options, context);
  return readRequirement(requirement, context) ?? refuse('syntax-invalid', 'The line is no requirement.');
}

/** The requirement ends at the first word that begins with a dash. */
function splitLine(text: string): { requirement: string; optionText: string } {
  if (text.startsWith('-')) return { requirement: '', optionText: text };
  const start = text.indexOf(' -');
  if (start === -1) return { requirement: text, optionText: '' };
  return { requirement: text.slice(0, start).trim(), optionText: text.slice(start + 1) };
}

function readHashes(options: readonly LineOption[]): string[] | null {
  const hashes = options.filter(({ name }) => name === '--hash').map(({ value }) => value.toLowerCase());
  return hashes.every((hash) => /^sha(?:256|384|512):[0-9a-f]+$/.test(hash)) ? hashes : null;
}

function noteSelectingOptions(options: readonly LineOption[], spec: EnvironmentSpec, line: number): void {
  for (const { name } of options) {
    if (!SELECTING.test(name)) continue;
    const message = `${name} changes which files pip installs; only the file itself tells that.`;
    spec.problems.push({ reason: 'unsupported-option', message, line });
  }
}

function readOptions(options: readonly LineOption[], context: LineContext): Outcome {
  const { spec, line } = context;
  for (const { name, value } of options) {
    if (name === '--editable') {
      readEditable(value, context);
      continue;
    }
    const isReference = name === '--requirement' || name === '--constraint';
    const isSource = name === '--index-url' || name === '--extra-index-url' || name === '--find-links';
    if (!isReference && !isSource) continue;
    const { url, hadCredentials } = redactUrl(value);
    if (hadCredentials) spec.secrets.push({ kind: 'url-credentials', line });
    if (isReference) spec.references.push(url);
    else addSource(spec, url);
  }
  return 'characteristic';
}

function readEditable(text: string, context: LineContext): void {
  if (isVcsUrl(text)) {
    linkPackage(parseLink(text), context, null);
    return;
  }
  const message = isUrl(text)
    ? 'pip takes only directories and repositories as editable.'
    : 'A directory is installed.';
  context.spec.problems.push({ reason: isUrl(text) ? 'url-source' : 'local-path', message, line: context.line });
}

function readRequirement(text: string, context: LineContext): Outcome | null {
  const { body, marker } = splitMarker(text);
  if (marker !== null && !isMarker(marker)) return null;
  if (isUrl(body) || isArchivePath(body)) {
    linkPackage(parseLink(body), context, marker);
    return 'characteristic';
  }
  const requirement = parseRequirement(body, marker);
  if (requirement !== null) {
    requirementPackage(requirement, context);
    return requirement.specifier === null && requirement.url === null ? 'plain' : 'characteristic';
  }
  if (!DIRECTORY.test(body)) return null;
  context.spec.problems.push({ reason: 'local-path', message: 'A directory is installed.', line: context.line });
  return 'plain';
}

/** A bare URL may hold `;`: there, a marker begins after `; `. */
function splitMarker(text: string): { body: string; marker: string | null } {
  const at = text.indexOf(isUrl(text) ? '; ' : ';');
  if (at === -1) return { body: text, marker: null };
  return { body: text.slice(0, at).trim(), marker: text.slice(at + 1).trim() || null };
}
