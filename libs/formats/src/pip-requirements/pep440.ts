/** PEP 440, appendix B: the canonical and the tolerated spellings of a public or local version. */
const VERSION =
  /^v?(?:\d+!)?\d+(?:\.\d+)*(?:[-_.]?(?:alpha|a|beta|b|preview|pre|c|rc)[-_.]?\d*)?(?:-\d+|[-_.]?(?:post|rev|r)[-_.]?\d*)?(?:[-_.]?dev[-_.]?\d*)?(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?$/i;

export function isPep440Version(text: string): boolean {
  return VERSION.test(text);
}

export interface VersionClause {
  readonly operator: string;
  readonly version: string;
}

/** `~=` drops the last part of the release, so that there must be two; it knows no local version and no `.*`. */
const COMPATIBLE = /^v?(?:\d+!)?\d+\.\d/i;
const CLAUSE = /^[ \t]*(===|==|~=|!=|<=|>=|<|>)[ \t]*(?!=)([^,;\s)]+)[ \t]*$/;

/**
 * The comma-separated clauses of a version specifier (PEP 440, "Version specifiers"), with pip's old tolerance for versions
 * that are not of PEP 440.
 * @returns null when the text is no specifier; an empty list for empty text
 */
export function parseSpecifier(text: string): VersionClause[] | null {
  if (text.trim() === '') return [];
  const clauses: VersionClause[] = [];
  for (const part of text.split(',')) {
    const match = CLAUSE.exec(part);
    if (match?.[1] === undefined || match[2] === undefined) return null;
    if (match[1] === '~=' && (!COMPATIBLE.test(match[2]) || /[+*]/.test(match[2]))) return null;
    clauses.push({ operator: match[1], version: match[2] });
  }
  return clauses;
}

/** The one version that the clauses allow, as written; null for a range. `==1.2.*` is a range, `===` compares text. */
export function pinnedVersion(clauses: readonly VersionClause[]): string | null {
  const [clause, ...rest] = clauses;
  if (clause === undefined || rest.length > 0) return null;
  if (clause.operator === '===') return clause.version;
  return clause.operator === '==' && !clause.version.endsWith('.*') ? clause.version : null;
}
