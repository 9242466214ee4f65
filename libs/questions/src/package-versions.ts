import { parseVersionRange } from '@envarium/versions';

export interface PackageVersionRow {
  readonly id: bigint;
  readonly version: string;
}

/** What a range makes of the versions of a package. */
export interface DecidedVersions {
  readonly inRange: readonly bigint[];
  readonly undecidable: readonly bigint[];
}

/**
 * Every version and build of one package is decided here, by the rules of its ecosystem: they are few, however many
 * environments hold them, and no index of a database knows PEP 440.
 * @throws ArchiveError RANGE_SYNTAX_INVALID
 */
export function decideVersions(
  ecosystem: string,
  range: string,
  versions: readonly PackageVersionRow[],
): DecidedVersions {
  // Every version is any version, also one that no rule can read.
  const test = range.trim() === '*' ? () => true : parseVersionRange(ecosystem, range);
  // Builds of one version share its answer.
  const verdicts = new Map<string, ReturnType<typeof test>>();
  const inRange: bigint[] = [];
  const undecidable: bigint[] = [];
  for (const { id, version } of versions) {
    const verdict = verdicts.get(version) ?? test(version);
    verdicts.set(version, verdict);
    if (verdict === true) inRange.push(id);
    else if (verdict === 'undecidable') undecidable.push(id);
  }
  return { inRange, undecidable };
}
