import type { EnvironmentSpec, SpecPackage, Standing } from '@envarium/schema';
import { noteRuntime } from '../conda-environment/runtimes.js';
import { limits } from '../limits.js';
import { formatPurl } from '../purl.js';
import { emptySpec, specPackage } from '../spec.js';
import { splitLines } from '../text.js';
import { parsePackageUrl, type CondaPackageFile } from './package-url.js';

const MARK = /^[ \t]*@EXPLICIT[ \t]*$/m;
/** The header of `conda list --explicit`: it lists what is installed. conda-lock writes the same syntax as a lock file. */
const LISTED = /^#.*conda create --name <env> --file/m;
/** conda-lock keeps the pip part as comments that it reads back itself. */
const PIP_COMMENT = /^#\s*pip\s+\S+\s*@\s/;

/** Reads a list of package files after `@EXPLICIT` (https://github.com/conda/ceps/pull/79, a draft). */
export function extract(content: string): EnvironmentSpec | null {
  if (!MARK.test(content)) return null;
  const spec = emptySpec('conda-explicit', 'language');
  const standing: Standing = LISTED.test(content) ? 'observed' : 'locked';
  for (const [index, raw] of splitLines(content).entries()) {
    const text = raw.trim();
    if (text !== '' && text !== '@EXPLICIT') readLine(text, index + 1, standing, spec);
  }
  spec.sources = [...new Set(spec.sources)];
  return spec;
}

function readLine(text: string, line: number, standing: Standing, spec: EnvironmentSpec): void {
  if (text.length > limits.lineCharacters) {
    const message = `A line is read up to ${limits.lineCharacters} characters.`;
    spec.problems.push({ reason: 'limit-exceeded', message, line });
    return;
  }
  if (text.startsWith('#')) {
    if (!PIP_COMMENT.test(text)) return;
    const message = 'A pip package stands in a comment, which conda does not read.';
    spec.problems.push({ reason: 'unsupported-installer', message, line });
    return;
  }
  const file = parsePackageUrl(text);
  if (file === null) {
    spec.problems.push({ reason: 'syntax-invalid', message: 'The line names no conda package file.', line });
    return;
  }
  if (file.hadCredentials) spec.secrets.push({ kind: text.includes('/t/') ? 'token' : 'url-credentials', line });
  if (file.channelUrl !== null) spec.sources.push(file.channelUrl);
  spec.packages.push(present(file, line, standing));
  noteRuntime(spec, file.name, { version: file.version, line });
}

function present(file: CondaPackageFile, line: number, standing: Standing): SpecPackage {
  const { name, version, build } = file;
  return specPackage({
    ecosystem: 'conda',
    name,
    normalizedName: name.toLowerCase(),
    version,
    build,
    standing,
    purl: formatPurl({
      type: 'conda',
      name,
      version,
      qualifiers: { build, channel: file.channel ?? '', subdir: file.subdir ?? '', type: file.extension },
    }),
    hashes: [...file.hashes],
    source: file.channelUrl,
    line,
    skipReason: file.isLocal ? 'local-path' : null,
  });
}
