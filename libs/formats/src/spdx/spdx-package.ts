import type { SpecPackage, SpecProblem } from '@envarium/schema';
import { parsePurl, shownPurl, type ParsedPurl } from '../parsed-purl.js';
import { redactWithin } from '../redact.js';
import { isVersionRange, readDigest } from '../foreign-facts.js';
import { specPackage } from '../spec.js';

/** What each of the three forms says of a package. */
export interface SpdxFacts {
  readonly name: string;
  readonly version: string | undefined;
  readonly downloadLocation: string | undefined;
  /** lower case, words with a hyphen */
  readonly purpose: string | undefined;
  readonly purls: readonly string[];
  readonly checksums: readonly { readonly algorithm: string; readonly value: string }[];
  readonly line: number | null;
}

export interface ReadPackage {
  readonly package: SpecPackage;
  readonly problems: readonly SpecProblem[];
  readonly hadCredentials: boolean;
}

/** Purposes that are software to install; the others (container, file, source, ...) are named in `group`. */
const SOFTWARE: readonly string[] = ['application', 'framework', 'library'];
/** https://spdx.github.io/spdx-spec/v2.3/package-information/: said in place of a value. */
const NO_VALUE: readonly string[] = ['', 'NONE', 'NOASSERTION'];

export function spdxPackage(facts: SpdxFacts): ReadPackage {
  const { name, line } = facts;
  const problems: SpecProblem[] = [];
  const purl = readPurl(facts, problems);
  const version = valueOf(facts.version);
  const isRange = version !== null && isVersionRange(version);
  const source = redactWithin(valueOf(facts.downloadLocation) ?? '');
  return {
    package: specPackage({
      ecosystem: purl?.type ?? 'generic',
      name,
      normalizedName: purl?.fullName ?? name,
      version: isRange ? null : version,
      specifier: isRange ? version : null,
      standing: 'observed',
      purl: purl?.text ?? null,
      hashes: readChecksums(facts, problems),
      source: source.url === '' ? null : source.url,
      group: facts.purpose === undefined || SOFTWARE.includes(facts.purpose) ? null : facts.purpose,
      line,
      skipReason: version === null ? 'no-version' : isRange ? 'version-range' : null,
    }),
    problems,
    hadCredentials: source.hadCredentials || purl?.hadCredentials === true,
  };
}

/** The first valid one: a package has one purl, and a second would be another name of the same. */
function readPurl({ purls, name, line }: SpdxFacts, problems: SpecProblem[]): ParsedPurl | null {
  let first: ParsedPurl | null = null;
  for (const written of purls) {
    const purl = parsePurl(written);
    first ??= purl;
    if (purl !== null) continue;
    const message = `The purl of ${name.slice(0, 80)} is not valid: ${shownPurl(written)}`;
    problems.push({ reason: 'name-invalid', message, line });
  }
  return first;
}

function readChecksums({ checksums, name, line }: SpdxFacts, problems: SpecProblem[]): string[] {
  return checksums.flatMap(({ algorithm, value }) => {
    const digest = readDigest(algorithm, value);
    if (digest !== null) return [digest];
    problems.push({
      reason: 'syntax-invalid',
      message: `A checksum of ${name.slice(0, 80)} is not hexadecimal.`,
      line,
    });
    return [];
  });
}

function valueOf(text: string | undefined): string | null {
  return text === undefined || NO_VALUE.includes(text) ? null : text;
}
