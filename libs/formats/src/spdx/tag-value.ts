import { FormatError } from '../format.js';
import { limits } from '../limits.js';
import type { ProblemLog } from '../problem-log.js';
import type { SpdxFacts } from './spdx-package.js';

interface Tag {
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

interface OpenPackage extends SpdxFacts {
  version: string | undefined;
  downloadLocation: string | undefined;
  purpose: string | undefined;
  readonly purls: string[];
  readonly checksums: { algorithm: string; value: string }[];
}

const TAG = /^([A-Za-z][A-Za-z0-9]*):[ \t]*(.*)$/;
const CHECKSUM = /^(\S+):[ \t]*(\S+)$/;
const EXTERNAL_PURL = /^\S+[ \t]+(?:\S*\/)?purl[ \t]+(\S+)$/;

/** The tags of https://spdx.github.io/spdx-spec/v2.3/conformance/, one for each line or `<text>` block. */
export function* readTags(lines: readonly string[], problems: ProblemLog): Generator<Tag> {
  let open: { line: number } | null = null;
  for (const [index, content] of lines.entries()) {
    const line = index + 1;
    if (open !== null) {
      if (content.includes('</text>')) open = null;
      continue;
    }
    if (content.trim() === '' || content.startsWith('#')) continue;
    const [, name, value = ''] = content.length > limits.lineCharacters ? [] : (TAG.exec(content) ?? []);
    if (name === undefined) {
      problems.add({ reason: 'syntax-invalid', message: 'The line is no "Tag: value".', line });
      continue;
    }
    const isText = value.startsWith('<text>');
    if (isText && !value.includes('</text>')) open = { line };
    // What is read never stands in a block of several lines.
    yield {
      name,
      value: isText
        ? value
            .slice(6)
            .replace(/<\/text>.*$/, '')
            .trim()
        : value.trim(),
      line,
    };
  }
  if (open !== null) throw new FormatError('syntax-invalid', 'A <text> is not closed.', open.line);
}

/** A package begins with its name. What belongs to a file or snippet has tags of its own. */
export function readPackages(tags: Iterable<Tag>): SpdxFacts[] {
  const packages: SpdxFacts[] = [];
  let current: OpenPackage | null = null;
  for (const { name, value, line } of tags) {
    if (name === 'PackageName') {
      if (current !== null) packages.push(current);
      if (packages.length > limits.packages) return packages;
      current = {
        name: value,
        version: undefined,
        downloadLocation: undefined,
        purpose: undefined,
        purls: [],
        checksums: [],
        line,
      };
      continue;
    }
    if (current === null) continue;
    if (name === 'PackageVersion') current.version = value;
    else if (name === 'PackageDownloadLocation') current.downloadLocation = value;
    else if (name === 'PrimaryPackagePurpose') current.purpose = value.toLowerCase().replaceAll('_', '-');
    else if (name === 'PackageChecksum') {
      const [, algorithm = '', digest = ''] = CHECKSUM.exec(value) ?? [];
      current.checksums.push({ algorithm, value: digest });
    } else if (name === 'ExternalRef') {
      const [, purl] = EXTERNAL_PURL.exec(value) ?? [];
      if (purl !== undefined) current.purls.push(purl);
    }
  }
  if (current !== null) packages.push(current);
  return packages;
}
